/** A function's value and slope at one place. */
export interface ValueAndSlope {
  readonly value: number;
  readonly slope: number;
}

const maxSteps = 200;
/** Steps below this part of the place (or of 1) are rounding. */
const rounding = 2 ** -52;

/**
 * The root of a strictly increasing function: Newton's method kept between two places whose signs differ, with bisection where it leaves them.
 * To the last digits that the function has.
 * @param low, high first bracket; it is widened until the signs differ
 * @param start where to begin, if not in the middle
 */
export function increasingRoot(f: (x: number) => ValueAndSlope, low: number, high: number, start?: number): number {
  let [from, to] = [low, high];
  // Twice as far each time, so that a bracket that is off by much is found in a few steps.
  for (let step = to - from; f(from).value > 0; step *= 2) from -= step;
  for (let step = to - from; f(to).value < 0; step *= 2) to += step;
  let x = start !== undefined && start > from && start < to ? start : from + 0.5 * (to - from);
  for (let steps = 0; steps < maxSteps; steps += 1) {
    const { value, slope } = f(x);
    if (value === 0) return x;
    if (value < 0) from = x;
    else to = x;
    let next = x - value / slope;
    if (!(next > from && next < to)) {
      // At the root Newton's step is rounding and may point at the bracket's end.
      if (Math.abs(next - x) <= rounding * Math.max(1, Math.abs(x))) return x;
      next = from + 0.5 * (to - from);
      if (!(next > from && next < to)) return x;
    }
    if (Math.abs(next - x) <= rounding * Math.max(1, Math.abs(x))) return next;
    x = next;
  }
  return x;
}
