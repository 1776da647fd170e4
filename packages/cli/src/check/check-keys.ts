import { type KeyedChain, verifyKey } from "@alchemiscale/gufe";

/**
 * `verified`: the key is the hash of the content. `random`: such keys are drawn, and this one agrees with the object's own record of it.
 * `differs`: proven to be wrong. `cannot be told`: the class has a rule of its own, or unknown defaults.
 */
export type Verdict = "verified" | "random" | "differs" | "cannot be told";

export interface CheckedEntry {
  readonly key: string;
  readonly qualname: string;
  /** The key that follows from the content; null where a key is no hash of it, or its rule is not known. */
  readonly computed: string | null;
  readonly verdict: Verdict;
}

/** Recomputes the key of every entry of a chain (gufe §1.6). A key differs only where the difference is a proof. */
export function checkKeys(chain: KeyedChain): CheckedEntry[] {
  return chain.entries.map(({ key, qualname, text }) => {
    const { computed, conclusive, matches } = verifyKey({ key, text });
    if (matches === true) return { key, qualname, computed, verdict: computed === null ? "random" : "verified" };
    if (matches === false && conclusive) return { key, qualname, computed, verdict: "differs" };
    return { key, qualname, computed: null, verdict: "cannot be told" };
  });
}
