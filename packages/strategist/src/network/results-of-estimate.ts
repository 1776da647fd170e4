import type { TransformationEstimate } from "@alchemiscale/analysis";
import type { TransformationResults } from "./transformation-results.ts";

/** Degrees of freedom that the error of work pooled from several results counts as, for each: it comes from many cycles. */
const pooledDof = 10;

/**
 * What strategies see of a Transformation's estimate. `spread` is that of one result: of the mean of its repeats, legs in quadrature
 * `√Σ sd²/k`, or for work pooled from n results `√n` times their error.
 * @param gpuHours spent on its results; null where unknown
 */
export function resultsOfEstimate(
  { n, estimate, uncertainty, uncertaintyKind, perLeg }: TransformationEstimate,
  gpuHours: number | null,
): TransformationResults {
  const known = (spread: number | null, dof: number): TransformationResults =>
    spread !== null && Number.isFinite(spread) && spread > 0 && dof > 0
      ? { n, estimate, spread, dof, gpuHours }
      : { n, estimate, spread: null, dof: 0, gpuHours };
  if (uncertaintyKind === "bootstrap" || uncertaintyKind === "asymptotic") {
    return known(uncertainty === null ? null : uncertainty * Math.sqrt(n), pooledDof * n);
  }
  if (perLeg.length === 0) return known(uncertainty, n - 1);
  const variance = perLeg.reduce((sum, { sd, n: repeats }) => sum + (sd ** 2 * n) / repeats, 0);
  return known(Math.sqrt(variance), Math.min(...perLeg.map(({ n: repeats }) => repeats)) - 1);
}
