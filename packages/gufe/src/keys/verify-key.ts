import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ShapeError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";
import { type Canonical, canonicalText } from "./canonical-text.ts";
import { keyRule } from "./class-rules.ts";

/** What recomputing a key told. */
export interface KeyVerification {
  /** The key that follows from the content; null where the key is not a hash of it. */
  readonly computed: string | null;
  /** Whether a mismatch would prove that the content is not what the key was made from. */
  readonly conclusive: boolean;
  /** Whether the key is the right one; null where that cannot be told at all. */
  readonly matches: boolean | null;
}

/**
 * Recomputes the key of one entry from its text alone. (spec/gufe.md §1.6)
 *
 * A match is always a proof. A mismatch is conclusive for the classes whose defaults are known; not for other classes, nor
 * where the dict has numeric names whose order before the trip through JSON is unknown. Classes with UUID keys are checked
 * against their `_key`; for classes with a rule of their own nothing can be said.
 */
export function verifyKey(entry: { readonly key: string; readonly text: string }): KeyVerification {
  const dict = parseJson(entry.text);
  if (!isJsonObject(dict)) throw new ShapeError("not-an-object", "", `The content of ${entry.key} is not a JSON object`);
  const rule = keyRule(dict);
  switch (rule.kind) {
    case "custom":
      return { computed: null, conclusive: false, matches: null };
    case "own": {
      const own = dict.get("_key");
      if (typeof own !== "string") return { computed: null, conclusive: false, matches: null };
      return { computed: null, conclusive: true, matches: own === entry.key };
    }
    default: {
      const { computed, orderIsAmbiguous } = contentKey(dict, entry.key);
      const matches = computed === entry.key;
      return { computed, conclusive: matches || (rule.kind === "content" && !orderIsAmbiguous), matches };
    }
  }
}

/**
 * The key of an object that is hashed by content; with numeric names, the order that gives `wanted` if one does.
 */
export function contentKey(dict: JsonObject, wanted?: string): { computed: string; orderIsAmbiguous: boolean } {
  const qualname = dict.get("__qualname__");
  const key = ({ text }: Canonical) => `${String(qualname)}-${md5OfAscii(text)}`;
  const asText = canonicalText(dict);
  const computed = key(asText);
  if (asText.orderIsAmbiguous && wanted !== undefined && computed !== wanted) {
    const native = key(canonicalText(dict, "as-numbers"));
    if (native === wanted) return { computed: native, orderIsAmbiguous: true };
  }
  return { computed, orderIsAmbiguous: asText.orderIsAmbiguous };
}

const encoder = new TextEncoder();

function md5OfAscii(text: string): string {
  return bytesToHex(md5(encoder.encode(text)));
}
