import { type KeyedChain, type KeyVerification, verifyKey } from "@alchemiscale/gufe";

/**
 * `verified`: the key is the hash of the content. `random`: such keys are drawn, and this one agrees with the object's own record of it.
 * `differs`: proven to be wrong. `cannot be told`: the class has a rule of its own, or unknown defaults; or the object is too large.
 */
export type Verdict = "verified" | "random" | "differs" | "cannot be told";

export interface CheckedEntry {
  readonly key: string;
  readonly qualname: string;
  /** The key that follows from the content; null where a key is no hash of it, or its rule is not known. */
  readonly computed: string | null;
  readonly verdict: Verdict;
}

/**
 * Recomputes the key of every entry of a chain (gufe §1.6). A key differs only where the difference is a proof.
 * @param keysAreComputed the chain's keys were made from its content by us, so that agreement proves nothing: `verified` then means that gufe
 * would compute the same, which is certain only of classes whose defaults are known and that refer to such alone.
 */
export function checkKeys(chain: KeyedChain, keysAreComputed = false): CheckedEntry[] {
  const uncertain = new Set<string>();
  return chain.entries.map(({ key, qualname, text, references }) => {
    const verification = verifyKey({ key, text });
    if (keysAreComputed) {
      const isOwn = verification.matches === true && verification.computed === null;
      if (!isOwn && (!verification.certain || references.some((reference) => uncertain.has(reference)))) {
        uncertain.add(key);
        return { key, qualname, computed: null, verdict: "cannot be told" };
      }
    }
    return checkedEntry(key, qualname, verification);
  });
}

/** The verdict on one entry. */
export function checkedEntry(key: string, qualname: string, verification: KeyVerification): CheckedEntry {
  const { computed, conclusive, matches } = verification;
  if (matches === true) return { key, qualname, computed, verdict: computed === null ? "random" : "verified" };
  if (matches === false && conclusive) return { key, qualname, computed, verdict: "differs" };
  return { key, qualname, computed: null, verdict: "cannot be told" };
}
