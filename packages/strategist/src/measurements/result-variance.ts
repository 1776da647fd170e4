import { type NetworkResults, noResults } from "../network/transformation-results.ts";
import type { PlannedMeasurement } from "./measurement-plan.ts";

export interface SpreadAssumption {
  /** Standard deviation of one result that is assumed before there are results, kcal/mol. */
  readonly prior_spread: number;
  /** The same of legs in solvent and vacuum. */
  readonly prior_solvent_spread: number;
  /** How many results this assumption counts as. */
  readonly prior_results: number;
}

/**
 * The variance s² of one result of each Transformation, so that the mean of n has s² / n. A standard deviation from few results says little (that
 * of two is below a fifth of the true one in a sixth of all cases), and one result says nothing: so what was seen, with ν degrees of freedom,
 * is averaged with what is usual for legs of the kind, `s² = (ν₀ s₀² + ν sd²) / (ν₀ + ν)`, and the usual s₀² likewise over all of the
 * kind with the assumed one: the posterior scale under an inverse χ² prior. (Gelman et al., Bayesian Data Analysis, 3rd ed., §2.6;
 * Smyth, Stat. Appl. Genet. Mol. Biol. 3, 3 (2004))
 */
export function resultVariances(
  plan: readonly PlannedMeasurement[],
  results: NetworkResults,
  { prior_spread, prior_solvent_spread, prior_results }: SpreadAssumption,
): ReadonlyMap<string, number> {
  const kinds = new Map<string, Map<string, { dof: number; squares: number }>>();
  for (const { legs } of plan) {
    for (const { kind, edges } of legs) {
      const seen = kinds.get(kind) ?? new Map<string, { dof: number; squares: number }>();
      kinds.set(kind, seen);
      for (const { edge } of edges) {
        const { dof, spread } = results.get(edge.key) ?? noResults;
        seen.set(edge.key, spread === null ? { dof: 0, squares: 0 } : { dof, squares: dof * spread ** 2 });
      }
    }
  }
  const variances = new Map<string, number>();
  for (const [kind, seen] of kinds) {
    const assumed = kind === "solvent" || kind === "vacuum" ? prior_solvent_spread : prior_spread;
    const all = [...seen.values()];
    const squares = all.reduce((sum, each) => sum + each.squares, prior_results * assumed ** 2);
    const usual = squares / all.reduce((sum, { dof }) => sum + dof, prior_results);
    for (const [key, each] of seen) variances.set(key, (prior_results * usual + each.squares) / (prior_results + each.dof));
  }
  return variances;
}
