/** The same for both directions of a pair. */
export function pairKey(pair: readonly [string, string]): string {
  return JSON.stringify(pair.toSorted());
}
