import { verifyKey } from "@alchemiscale/gufe";

/** The keys that are provably not those of their content, with what their content gives. */
export function mismatchedKeys(
  entries: readonly { readonly key: string; readonly text: string }[],
): { readonly key: string; readonly computed: string | null }[] {
  const mismatched: { key: string; computed: string | null }[] = [];
  for (const entry of entries) {
    const { computed, conclusive, matches } = verifyKey(entry);
    if (conclusive && matches === false) mismatched.push({ key: entry.key, computed });
  }
  return mismatched;
}
