import { InvalidInput } from "../invalid-input.ts";

/** Names of the statistics, as cinnabar has them. */
export const agreementStatistics = ["RMSE", "MUE", "R2", "rho", "KTAU", "RAE", "NRMSE", "PI"] as const;
export type AgreementStatistic = (typeof agreementStatistics)[number];

/** Each statistic, or null where it has no value: of constant series, or of none. */
export type Agreement = Readonly<Record<AgreementStatistic, number | null>>;

type Series = ArrayLike<number>;

/**
 * How well calculated values `y` agree with experiment `x`. (cinnabar 0.6.1; spec/analysis.md §8)
 *
 * - RMSE √(mean (x − y)²) and MUE mean |x − y|, in the unit of the series
 * - rho Pearson's r, R2 = r² (not 1 − SS_res/SS_tot)
 * - KTAU Kendall's tau-b, (P − Q)/√((P + Q + T_x)(P + Q + T_y))
 * - RAE MUE / mean |x − x̄|; NRMSE RMSE / |x̄|, which means nothing for centred series
 * - PI predictive index: Σ w c / Σ w over pairs, w = |Δx|, c = sign(Δx/Δy), 0 where y is tied (Pearlman and Charifson, J. Med. Chem. 44, 3417 (2001))
 * @throws {InvalidInput} when the series differ in length, or a value is not finite
 */
export function agreement(x: Series, y: Series): Agreement {
  checkSeries(x, y);
  return Object.fromEntries(agreementStatistics.map((name) => [name, finite(statistics[name](x, y))])) as Agreement;
}

/** One statistic alone, of series that were checked; NaN or infinite where it has no value. */
export function agreementStatistic(name: AgreementStatistic, x: Series, y: Series): number {
  return statistics[name](x, y);
}

/** @throws {InvalidInput} */
export function checkSeries(x: Series, y: Series): void {
  if (x.length !== y.length) throw new InvalidInput("y", `has ${y.length} values, and x has ${x.length}; they are pairs`);
  if (x.length === 0) throw new InvalidInput("x", "is empty; at least one pair is needed");
  for (const [name, series] of [["x", x] as const, ["y", y] as const]) {
    for (let i = 0; i < series.length; i += 1) {
      if (!Number.isFinite(series[i])) throw new InvalidInput(`${name}[${i}]`, `is ${series[i]}; it must be a finite number`);
    }
  }
}

/** x − x̄. */
export function centredSeries(x: readonly number[]): number[] {
  const centre = mean(x);
  return x.map((value) => value - centre);
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const statistics: Readonly<Record<AgreementStatistic, (x: Series, y: Series) => number>> = {
  RMSE: (x, y) => Math.sqrt(sumOver(x.length, (i) => (at(x, i) - at(y, i)) ** 2) / x.length),
  MUE: meanUnsignedError,
  R2: (x, y) => pearson(x, y) ** 2,
  rho: pearson,
  KTAU: kendall,
  RAE: (x, y) => {
    const centre = mean(x);
    return meanUnsignedError(x, y) / (sumOver(x.length, (i) => Math.abs(at(x, i) - centre)) / x.length);
  },
  NRMSE: (x, y) => statistics.RMSE(x, y) / Math.abs(mean(x)),
  PI: predictiveIndex,
};

function meanUnsignedError(x: Series, y: Series): number {
  return sumOver(x.length, (i) => Math.abs(at(x, i) - at(y, i))) / x.length;
}

function pearson(x: Series, y: Series): number {
  // A constant series less its mean is not always 0 in floating point.
  if (isConstant(x) || isConstant(y)) return NaN;
  const [meanX, meanY] = [mean(x), mean(y)];
  const normX = Math.sqrt(sumOver(x.length, (i) => (at(x, i) - meanX) ** 2));
  const normY = Math.sqrt(sumOver(y.length, (i) => (at(y, i) - meanY) ** 2));
  const r = sumOver(x.length, (i) => ((at(x, i) - meanX) / normX) * ((at(y, i) - meanY) / normY));
  return Math.max(-1, Math.min(1, r));
}

function kendall(x: Series, y: Series): number {
  let [concordant, discordant, tiedX, tiedY] = [0, 0, 0, 0];
  for (let i = 0; i < x.length; i += 1) {
    for (let j = i + 1; j < x.length; j += 1) {
      const [dx, dy] = [at(x, j) - at(x, i), at(y, j) - at(y, i)];
      if (dx === 0 && dy === 0) continue;
      if (dx === 0) tiedX += 1;
      else if (dy === 0) tiedY += 1;
      else if (dx > 0 === dy > 0) concordant += 1;
      else discordant += 1;
    }
  }
  const ordered = concordant + discordant;
  return (concordant - discordant) / Math.sqrt((ordered + tiedX) * (ordered + tiedY));
}

function predictiveIndex(x: Series, y: Series): number {
  let [sum, weights] = [0, 0];
  for (let i = 0; i < x.length; i += 1) {
    for (let j = i + 1; j < x.length; j += 1) {
      const [dx, dy] = [at(x, j) - at(x, i), at(y, j) - at(y, i)];
      weights += Math.abs(dx);
      if (dy !== 0) sum += Math.abs(dx) * Math.sign(dx) * Math.sign(dy);
    }
  }
  return sum / weights;
}

function isConstant(x: Series): boolean {
  for (let i = 1; i < x.length; i += 1) if (x[i] !== x[0]) return false;
  return true;
}

function mean(x: Series): number {
  return sumOver(x.length, (i) => at(x, i)) / x.length;
}

function sumOver(count: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += term(i);
  return sum;
}

const at = (x: Series, i: number): number => x[i] as number;
