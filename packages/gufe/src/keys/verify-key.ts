import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type Canonical, canonicalText } from "./canonical-text.ts";

/** What recomputing a key told. */
export interface KeyVerification {
  /** The key that follows from the content; null where the key is not a hash of it. */
  readonly computed: string | null;
  /** Whether a mismatch would prove that the content is not what the key was made from. */
  readonly conclusive: boolean;
  /** Whether `computed` is what gufe would compute, without a key to compare it with: the class's defaults are known, and the order of names. */
  readonly certain: boolean;
  /** Whether the key is the right one; null where that cannot be told at all. */
  readonly matches: boolean | null;
}

/**
 * Recomputes the key of one entry from its text alone. (spec/gufe.md §1.6)
 *
 * A match is always a proof. A mismatch is conclusive for the classes whose defaults are known; not for other classes, nor
 * where the dict has numeric names whose order before the trip through JSON is unknown. Classes with UUID keys are checked
 * against their `_key`; for classes with a rule of their own nothing can be said.
 * Throws `JsonSyntaxError`, and `ShapeError` where the text is no object.
 */
export function verifyKey(entry: { readonly key: string; readonly text: string }): KeyVerification {
  const canonical = canonicalText(entry.text);
  const { rule, ownKey, orderIsAmbiguous } = canonical;
  if (rule.kind === "custom" || (rule.kind === "own" && ownKey === undefined)) {
    return { computed: null, conclusive: false, certain: false, matches: null };
  }
  if (rule.kind === "own") return { computed: null, conclusive: true, certain: true, matches: ownKey === entry.key };
  let computed = contentKey(canonical);
  if (orderIsAmbiguous && computed !== entry.key) {
    const asNumbers = contentKey(canonicalText(entry.text, "as-numbers"));
    if (asNumbers === entry.key) computed = asNumbers;
  }
  const matches = computed === entry.key;
  const certain = rule.kind === "content" && !orderIsAmbiguous;
  return { computed, conclusive: matches || certain, certain, matches };
}

const encoder = new TextEncoder();

/** The key of an object that is hashed by content. */
export function contentKey({ qualname, text }: Canonical): string {
  return `${qualname}-${bytesToHex(md5(encoder.encode(text)))}`;
}
