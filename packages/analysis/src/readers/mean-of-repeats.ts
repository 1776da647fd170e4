import { mean, sampleDeviation } from "../numerics/mean-and-deviation.ts";
import type { CollectedFlags } from "../readings/collected-flags.ts";
import type { RepeatReading, ResultReading } from "../readings/result-reading.ts";
import {
  type LegEstimate,
  noEstimate,
  type RepeatConvergence,
  type RepeatEstimate,
  type TransformationEstimate,
} from "../readings/transformation-estimate.ts";

/** A part of a protocol's thermodynamic cycle. */
export interface Leg {
  /** null where the protocol has one leg and does not name it. */
  readonly name: string | null;
  /** With this sign its mean enters the estimate. */
  readonly sign: 1 | -1;
  /** Outputs that are added to each repeat before averaging. */
  readonly corrections: readonly string[];
}

/** A repeat, and the result it is from. */
interface Found {
  readonly resultKey: string;
  readonly repeat: RepeatReading;
}

/**
 * ΔG = Σ sign · mean over the repeats of the leg, corrections added to each repeat before averaging; uncertainty √(Σ sd²), sd the sample standard
 * deviation (n − 1), 0 for one repeat. Legs may have different numbers of repeats. As openfe's `get_estimate` and `get_uncertainty`; MBAR errors
 * do not enter. Of several generations of a repeat the lowest counts alone, as there. (spec/analysis.md §2)
 */
export function meanOfRepeats(
  protocol: string,
  legs: readonly Leg[],
  readings: readonly ResultReading[],
  flags: CollectedFlags,
): TransformationEstimate {
  const perRepeat: RepeatEstimate[] = [];
  const perLeg: LegEstimate[] = [];
  const convergence: RepeatConvergence[] = [];
  const overlaps: number[] = [];
  for (const leg of legs) {
    const repeats = lowestGenerations(leg, readings, flags);
    const estimates = repeats.map(({ resultKey, repeat }) => estimateOf(resultKey, leg, repeat));
    perRepeat.push(...estimates);
    for (const { resultKey, repeat } of repeats) {
      if (repeat.overlap !== null) overlaps.push(repeat.overlap);
      if (repeat.convergence !== null)
        convergence.push({ resultKey, leg: leg.name, repeatId: repeat.repeatId, data: repeat.convergence });
    }
    if (estimates.length > 0) perLeg.push(legEstimate(leg, estimates));
  }
  const resultKeys = [...new Set(perRepeat.map((repeat) => repeat.resultKey))].sort();
  const isComplete = perLeg.length === legs.length;
  flagLegs(legs, perLeg, flags);
  return {
    ...noEstimate(protocol),
    method: "mean-of-repeats",
    estimate: isComplete ? perLeg.reduce((sum, leg) => sum + leg.sign * leg.mean, 0) : null,
    uncertainty: isComplete ? Math.hypot(...perLeg.map((leg) => leg.sd)) : null,
    n: resultKeys.length,
    resultKeys,
    perRepeat,
    perLeg,
    convergence,
    overlap: overlaps.length === 0 ? null : Math.min(...overlaps),
    flags: flags.list(),
  };
}

/** The first of the lowest generation of each repeat of the leg, in the order of the results and as written. */
function lowestGenerations(leg: Leg, readings: readonly ResultReading[], flags: CollectedFlags): Found[] {
  const byId = new Map<string, Found>();
  for (const { resultKey, repeats } of readings) {
    for (const repeat of repeats) {
      if (repeat.leg !== leg.name || repeat.estimate === null) continue;
      const known = byId.get(repeat.repeatId);
      if (known !== undefined) {
        flags.add(
          "repeated-generation",
          `repeat ${repeat.repeatId} has several results${leg.name === null ? "" : ` of its ${leg.name} leg`}; the lowest generation alone is used`,
        );
      }
      if (known === undefined || repeat.generation < known.repeat.generation) byId.set(repeat.repeatId, { resultKey, repeat });
    }
  }
  return [...byId.values()];
}

function estimateOf(resultKey: string, leg: Leg, repeat: RepeatReading): RepeatEstimate {
  const { repeatId, generation, estimate, error, corrections, overlap } = repeat;
  const corrected = leg.corrections.reduce((sum, name) => sum + (corrections[name] ?? 0), estimate ?? 0);
  return { resultKey, leg: leg.name, repeatId, generation, estimate: corrected, error, overlap };
}

function legEstimate(leg: Leg, repeats: readonly RepeatEstimate[]): LegEstimate {
  const values = repeats.map((repeat) => repeat.estimate);
  const errors = repeats.flatMap(({ error }) => (error === null ? [] : [error]));
  return {
    leg: leg.name,
    n: repeats.length,
    mean: mean(values),
    sd: sampleDeviation(values),
    error: errors.length === repeats.length ? Math.sqrt(mean(errors.map((error) => error * error))) : null,
    sign: leg.sign,
  };
}

function flagLegs(legs: readonly Leg[], perLeg: readonly LegEstimate[], flags: CollectedFlags): void {
  const missing = legs.filter((leg) => !perLeg.some((found) => found.leg === leg.name));
  if (perLeg.length === 0) flags.add("missing-repeats", "no repeat with an estimate");
  else if (missing.length > 0) flags.add("missing-leg", `no repeat of the ${missing.map((leg) => leg.name).join(" and ")} leg`);
  const counts = perLeg.map((leg) => leg.n);
  if (counts.includes(1))
    flags.add("one-repeat", "with one repeat in a leg, nothing is known of how repeats vary: 0 is taken for it");
  if (new Set(counts).size > 1) {
    flags.add(
      "unequal-repeats",
      `the legs have different numbers of repeats: ${perLeg.map((leg) => `${leg.n} ${leg.leg}`).join(", ")}`,
    );
  }
}
