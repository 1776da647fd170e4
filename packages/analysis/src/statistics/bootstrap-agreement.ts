import { InvalidInput } from "../invalid-input.ts";
import { RandomStream } from "../random/random-stream.ts";
import { resamples } from "../random/resamples.ts";
import { type AgreementStatistic, agreementStatistic, agreementStatistics, checkSeries } from "./agreement.ts";
import { percentile } from "./percentile.ts";

/** A statistic with what resampling says of it. null where no replicate had a value. */
export interface BootstrappedStatistic {
  /** The statistic on the data: what is reported. */
  readonly mle: number | null;
  /** Mean over the replicates, and their standard deviation with n as divisor. */
  readonly mean: number | null;
  readonly stderr: number | null;
  /** 2.5th and 97.5th percentile. */
  readonly low: number | null;
  readonly high: number | null;
  /** Replicates without a value. */
  readonly undefined: number;
}

export interface BootstrapAgreementOptions {
  /** Default: all. */
  readonly statistics?: readonly AgreementStatistic[];
  /** The resamples: indices of pairs. Default: 1000 seeded ones. */
  readonly indices?: Iterable<ArrayLike<number>>;
  /** What the seeded resamples start from, where none are given. */
  readonly seed?: string;
  readonly replicates?: number;
  /**
   * Replicates without a value, such as the correlation of one pair drawn again and again. `drop`: counted and left out. `keep`: they
   * leave mean and interval without a value, too, as in cinnabar.
   */
  readonly undefinedReplicates?: "drop" | "keep";
}

/**
 * Statistics of agreement with 95 % intervals: pairs are drawn with replacement, and every statistic is made of every draw. Series to be
 * centred are centred before. (cinnabar 0.6.1; Efron and Tibshirani, An Introduction to the Bootstrap; spec/analysis.md §8)
 * @throws {InvalidInput} as `agreement`, and for indices that are none of the pairs
 */
export function bootstrapAgreement(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  {
    statistics = agreementStatistics,
    indices,
    seed = "",
    replicates = 1000,
    undefinedReplicates = "drop",
  }: BootstrapAgreementOptions = {},
): Readonly<Partial<Record<AgreementStatistic, BootstrappedStatistic>>> {
  checkSeries(x, y);
  const values = new Map(statistics.map((name) => [name, [] as number[]]));
  let drawn = 0;
  for (const draw of indices ?? resamples(RandomStream.of(seed), x.length, replicates)) {
    checkIndices(draw, x.length, `indices[${drawn}]`);
    drawn += 1;
    const drawnX = Float64Array.from(draw, (i) => x[i] as number);
    const drawnY = Float64Array.from(draw, (i) => y[i] as number);
    for (const [name, list] of values) {
      list.push(agreementStatistic(name, drawnX, drawnY));
    }
  }
  return Object.fromEntries(
    [...values].map(([name, list]) => {
      const defined = list.filter(Number.isFinite);
      const used = undefinedReplicates === "drop" ? defined : list;
      return [name, summary(agreementStatistic(name, x, y), used, list.length - defined.length)];
    }),
  );
}

function checkIndices(draw: ArrayLike<number>, count: number, field: string): void {
  if (draw.length === 0) throw new InvalidInput(field, "is empty");
  for (let i = 0; i < draw.length; i += 1) {
    const index = draw[i] as number;
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw new InvalidInput(`${field}[${i}]`, `is ${index}; it must be a whole number from 0 to ${count - 1}`);
  }
}

function summary(mle: number, values: readonly number[], undefinedCount: number): BootstrappedStatistic {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    mle: finite(mle),
    mean: finite(mean),
    stderr: finite(Math.sqrt(variance)),
    low: finite(percentile(values, 0.025)),
    high: finite(percentile(values, 0.975)),
    undefined: undefinedCount,
  };
}
