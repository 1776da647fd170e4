/** ln(1 + eˣ) without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** ln Σ e^(values) without overflow; −∞ of none. */
export function logSumExp(values: ArrayLike<number>): number {
  const top = highest(values);
  if (!Number.isFinite(top)) return top;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] as number) - top);
  return top + Math.log(sum);
}

/** −∞ of none. Not `Math.max(...)`: that fails on 10⁵ values. */
export function highest(values: ArrayLike<number>): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i] as number);
  return top;
}

/** +∞ of none. */
export function lowest(values: ArrayLike<number>): number {
  let bottom = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) bottom = Math.min(bottom, values[i] as number);
  return bottom;
}
