import type { Weights } from "../strategy.ts";

/** A strategy proposed what is no weight. */
export class InvalidWeight extends Error {
  override readonly name = "InvalidWeight";
  readonly transformation: string;
  readonly weight: number;

  constructor(transformation: string, weight: number) {
    super(`the weight of ${transformation} is ${weight}; it must be a finite number of at least 0, or null`);
    this.transformation = transformation;
    this.weight = weight;
  }
}

/**
 * Weights as shares of the whole network: every weight over the sum of all that are not null; null stays. Where all are 0, they stay 0 (the
 * Python library divides by zero). (spec/strategies.md §1.3, D1)
 * @throws {InvalidWeight} for negative weights, NaN and infinity
 */
export function resolveWeights(weights: Weights): Map<string, number | null> {
  let sum = 0;
  for (const [key, weight] of weights) {
    if (weight === null) continue;
    if (!(weight >= 0 && Number.isFinite(sum + weight))) throw new InvalidWeight(key, weight);
    sum += weight;
  }
  return new Map([...weights].map(([key, weight]) => [key, weight === null || sum === 0 ? weight : weight / sum]));
}
