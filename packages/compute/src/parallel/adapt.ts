/** How many units a processor takes at once, from what its utilisation shows: pure functions of a trace. */

/** What was seen at one moment of a GPU, or of all cores together. */
export interface Sample {
  /** Seconds. */
  readonly at: number;
  /** Percent. */
  readonly utilization: number;
  /** Part of its memory that is used, 0 to 1. */
  readonly memory: number;
  /** Units that ran on it. */
  readonly running: number;
}

export interface AdaptRules {
  readonly least: number;
  readonly most: number;
  /** Below this (percent) there is room for one more. */
  readonly roomBelow: number;
  /** Seconds for which a number must have been seen before it is changed. */
  readonly settleSeconds: number;
}

export const gpuRules = (most: number): AdaptRules => ({ least: 1, most, roomBelow: 80, settleSeconds: 60 });
export const coreRules = (cores: number): AdaptRules => ({ least: cores, most: 2 * cores, roomBelow: 85, settleSeconds: 10 });

/** More than this part of the memory is too near its end. */
const tightMemory = 0.95;
/** One more unit must leave this much of it. */
const roomyMemory = 0.9;
/** A number that was found too high is tried again after so many seconds. */
const forgetSeconds = 1800;

export interface Adapted {
  /** Units at once from now on. */
  readonly units: number;
  /** A number that brought nothing, and when that was seen. */
  readonly tooMany: { readonly units: number; readonly at: number } | null;
  /** The median utilisation with the number before this one; null before the first change. */
  readonly before: number | null;
}

export const unadapted = (units: number): Adapted => ({ units, tooMany: null, before: null });

/** Utilisation that one more unit must add, percent, to be worth its place. */
const worthwhile = 3;

/**
 * The next number of units, given the trace since the last change (oldest first).
 *
 * One more when, with all places taken for `settleSeconds`, the median utilisation is below `roomBelow` and the memory of one more unit
 * fits. One less when memory is nearly used up (at once), or when the last step up added nothing to the utilisation. It changes by one at a time and looks again
 * after each change, so it cannot swing: a number that brought nothing is left alone for half an hour.
 */
export function adapt(state: Adapted, trace: readonly Sample[], rules: AdaptRules): Adapted {
  const last = trace.at(-1);
  if (last === undefined) return state;
  const { units } = state;
  if (last.memory > tightMemory && last.running > 1 && units > rules.least) {
    return { units: units - 1, tooMany: { units, at: last.at }, before: null };
  }
  const full = trace.filter(({ running }) => running >= units);
  const [first] = full;
  // Only what was seen while every place was taken says something about another place.
  if (first === undefined || full.length < 0.8 * trace.length || last.at - first.at < rules.settleSeconds) return state;
  const utilization = median(full.map((sample) => sample.utilization));
  if (state.before !== null && units > rules.least && utilization < state.before + worthwhile) {
    return { units: units - 1, tooMany: { units, at: last.at }, before: null };
  }
  const perUnit = Math.max(...full.map(({ memory, running }) => memory / running));
  const known = state.tooMany !== null && units + 1 >= state.tooMany.units && last.at - state.tooMany.at < forgetSeconds;
  if (units < rules.most && utilization < rules.roomBelow && !known && last.memory + perUnit <= roomyMemory) {
    return { ...state, units: units + 1, before: utilization };
  }
  return state;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
