/** Whether estimates agree with exact values, as far as their uncertainties can tell. */
import { chiSquareSurvival } from "@alchemiscale/analysis";

export interface ComparedEdge {
  readonly name: string;
  /** kcal/mol, as are all of these. */
  readonly estimate: number;
  /** Standard error of the estimate; above 0. */
  readonly uncertainty: number;
  readonly exact: number;
}

export interface Judgement {
  /** Σ ((estimate − exact) / uncertainty)² over all edges. */
  readonly chiSquare: number;
  readonly degrees: number;
  /** Probability of so large a χ², or a larger one, when every estimate is right and normally distributed. */
  readonly probability: number;
  /** (estimate − exact) / uncertainty of each edge, in their order. */
  readonly pulls: readonly number[];
  readonly agrees: boolean;
  /** For people: what speaks against agreement. Empty when nothing does. */
  readonly objections: readonly string[];
}

/** So improbable a χ² is not luck: one run in ten thousand fails although all is well. */
const leastProbability = 1e-4;
/** An edge off by more than this many standard errors is not luck either: 6 in 10 million. */
const largestPull = 5;

export function judgeEstimates(edges: readonly ComparedEdge[]): Judgement {
  const pulls = edges.map(({ estimate, exact, uncertainty }) => (estimate - exact) / uncertainty);
  const usable = pulls.every(Number.isFinite);
  const chiSquare = pulls.reduce((sum, pull) => sum + pull * pull, 0);
  const probability = usable && edges.length > 0 ? chiSquareSurvival(chiSquare, edges.length) : 0;
  const objections: string[] = [];
  if (edges.length === 0) objections.push("there is no estimate at all");
  for (const [index, pull] of pulls.entries()) {
    const name = edges[index]?.name ?? "";
    if (!Number.isFinite(pull)) objections.push(`${name} has no usable estimate or uncertainty`);
    else if (Math.abs(pull) > largestPull)
      objections.push(`${name} is off by ${Math.abs(pull).toFixed(1)} standard errors (more than ${largestPull})`);
  }
  if (usable && probability <= leastProbability) {
    objections.push(
      `χ² = ${chiSquare.toFixed(1)} over ${edges.length} edges has a probability of ${probability.toExponential(1)} (not above ${leastProbability})`,
    );
  }
  return { chiSquare, degrees: edges.length, probability, pulls, agrees: objections.length === 0, objections };
}
