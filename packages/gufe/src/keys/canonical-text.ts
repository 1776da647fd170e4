import { referenceMember } from "../chain/keyed-chain.ts";
import { ShapeError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";
import { printJson } from "../json/print-json.ts";
import { equalsDefault, keyRule } from "./class-rules.ts";
import { compareCodePoints } from "./compare-code-points.ts";
import { nativeOrder } from "./native-order.ts";
import { pythonNumber } from "./python-number.ts";

/** How members whose names are all numbers are ordered: as the texts they are, or as the numbers they once were. */
export type NumericNames = "as-text" | "as-numbers";

/** The text that gufe hashes, and whether another order of members with numeric names would give another text. */
export interface Canonical {
  readonly text: string;
  /** Some object below the top has numeric names only, and they sort differently as numbers. */
  readonly orderIsAmbiguous: boolean;
}

/**
 * The text whose md5 is the key of a content-hashed object: the keyed dict without `:version:` and without fields equal to
 * a default of its class, sorted by code point at every level, as Python's `json.dumps` writes it. (spec/gufe.md §1.3, §1.4)
 *
 * Python sorts int and float keys of a dict before they become texts. For the index pairs of a `LigandAtomMapping`, known to be
 * ints, that order is always used; elsewhere the JSON does not tell, so `numericNames` chooses.
 */
export function canonicalText(dict: string | JsonObject, numericNames: NumericNames = "as-text"): Canonical {
  const root: Json = typeof dict === "string" ? parseJson(dict) : dict;
  if (!isJsonObject(root)) throw new ShapeError("not-an-object", "", "A keyed dict must be a JSON object");
  const rule = keyRule(root);
  const defaults = rule.kind === "content" ? rule.defaults : new Map<string, never>();
  const isMapping =
    root.get("__qualname__") === "LigandAtomMapping" && root.get("__module__") === "gufe.mapping.ligandatommapping";
  let orderIsAmbiguous = false;

  const text = printJson(root, {
    number: pythonNumber,
    members(object, depth, rootMember) {
      if (depth === 0) {
        const hashed = [...object].filter(([name, value]) => {
          const wanted = defaults.get(name);
          return name !== ":version:" && (wanted === undefined || !equalsDefault(value, wanted));
        });
        return hashed.sort(byName);
      }
      const reference = object.get(referenceMember);
      // Other members of a reference are ignored on reading, so they are not part of the content.
      if (reference !== undefined) return [[referenceMember, reference]];
      const sorted = [...object].sort(byName);
      const native = nativeOrder(sorted);
      if (native === undefined) return sorted;
      if (isMapping && rootMember === "componentA_to_componentB") return native;
      if (native.some((member, i) => member !== sorted[i])) orderIsAmbiguous = true;
      return numericNames === "as-numbers" ? native : sorted;
    },
  });
  return { text, orderIsAmbiguous };
}

function byName(a: readonly [string, Json], b: readonly [string, Json]): number {
  return compareCodePoints(a[0], b[0]);
}
