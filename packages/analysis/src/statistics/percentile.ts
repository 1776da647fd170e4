/**
 * The value below which a share of the values lies, interpolated linearly: at position `share` × (n − 1) of the sorted values, as
 * NumPy's default. (spec/analysis.md §8) NaN for no values, and where one of them is NaN.
 * @param share from 0 to 1
 */
export function percentile(values: ArrayLike<number>, share: number): number {
  // NaN sorts last.
  const sorted = Float64Array.from(values).sort();
  if (Number.isNaN(sorted.at(-1))) return NaN;
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}
