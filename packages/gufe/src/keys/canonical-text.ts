import { pythonString } from "../json/python-string.ts";
import { type CanonicalMembers, canonicalMembers } from "./canonical-members.ts";
import { equalsDefault, type KeyRule, keyRule } from "./class-rules.ts";
import { compareCodePoints } from "./compare-code-points.ts";

/** How members whose names are all numbers are ordered: as the texts they are, or as the numbers they once were. */
export type NumericNames = "as-text" | "as-numbers";

/** The text that gufe hashes, and whether another order of members with numeric names would give another text. */
export interface Canonical {
  readonly text: string;
  /** Some object below the top has numeric names only, and they sort differently as numbers. */
  readonly orderIsAmbiguous: boolean;
  readonly qualname: string | undefined;
  readonly module: string | undefined;
  /** The member `_key`, where it is a text. */
  readonly ownKey: string | undefined;
  /** How the key of such an object comes about. */
  readonly rule: KeyRule;
}

/** The one member that is known to have been a dict with int keys. */
const indexPairs = "componentA_to_componentB";

/**
 * The text whose md5 is the key of a content-hashed object: the keyed dict without `:version:` and without fields equal to
 * a default of its class, sorted by code point at every level, as Python's `json.dumps` writes it. (spec/gufe.md §1.3, §1.4)
 *
 * Python sorts int and float keys of a dict before they become texts. For the index pairs of a `LigandAtomMapping`, known to be
 * ints, that order is always used; elsewhere the JSON does not tell, so `numericNames` chooses.
 * Throws `JsonSyntaxError`, and `ShapeError` where the text is no object.
 */
export function canonicalText(dict: string, numericNames: NumericNames = "as-text"): Canonical {
  const asNumbers = numericNames === "as-numbers";
  const read = canonicalMembers(dict, (name) => asNumbers || name === indexPairs);
  if (!read.ambiguous.has(indexPairs)) return assembled(read, read.ambiguous.size > 0);
  const isMapping =
    textMember(read, "__qualname__") === "LigandAtomMapping" &&
    textMember(read, "__module__") === "gufe.mapping.ligandatommapping";
  if (isMapping) return assembled(read, read.ambiguous.size > 1);
  return assembled(asNumbers ? read : canonicalMembers(dict, () => false), true);
}

function assembled(read: CanonicalMembers, orderIsAmbiguous: boolean): Canonical {
  const qualname = textMember(read, "__qualname__");
  const module = textMember(read, "__module__");
  const ownKey = textMember(read, "_key");
  const rule = keyRule({ module, qualname, hasOwnKey: ownKey !== undefined, names: read.members.keys() });
  const hashed: string[] = [];
  for (const name of [...read.members.keys()].sort(compareCodePoints)) {
    const value = read.members.get(name) as string;
    const wanted = rule.kind === "content" ? rule.defaults.get(name) : undefined;
    if (name === ":version:" || (wanted !== undefined && equalsDefault(value, wanted))) continue;
    hashed.push(`${pythonString(name)}: ${value}`);
  }
  return { text: `{${hashed.join(", ")}}`, orderIsAmbiguous, qualname, module, ownKey, rule };
}

/** A member that is a text: its canonical form is a JSON string. */
function textMember({ members }: CanonicalMembers, name: string): string | undefined {
  const canonical = members.get(name);
  return canonical?.startsWith('"') ? (JSON.parse(canonical) as string) : undefined;
}
