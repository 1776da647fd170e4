/**
 * A random order in which each next item is drawn with probability proportional to its weight among those left: by the smallest
 * exponential variate (Efraimidis and Spirakis 2006). Items without weight are left out.
 */
export function weightedOrder<T extends { readonly weight: number }>(
  items: readonly T[],
  random: () => number = Math.random,
): T[] {
  return items
    .filter((item) => item.weight > 0)
    .map((item) => ({ item, key: -Math.log(1 - random()) / item.weight }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
