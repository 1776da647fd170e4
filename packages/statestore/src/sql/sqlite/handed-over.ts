import { blocksOf, isPacked } from "@alchemiscale/gufe";

/** What of a message goes to the other thread itself, rather than a copy of it: the blocks of packed objects. */
export function handedOver(...values: readonly unknown[]): ArrayBuffer[] {
  return values.flatMap((value) => {
    if (typeof value !== "object" || value === null) return [];
    if (isPacked(value)) return blocksOf(value);
    return "entries" in value && isPacked(value.entries) ? blocksOf(value.entries) : [];
  });
}
