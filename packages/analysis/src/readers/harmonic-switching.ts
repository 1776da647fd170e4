import { type BarEstimate, bar } from "../estimators/bar.ts";
import { OverlapError } from "../estimators/overlap-error.ts";
import { MalformedResult } from "../readings/malformed-result.ts";
import { numberList, quantityOutput, textOutput } from "../readings/outputs.ts";
import type { ProtocolReader, ResultContent, UnitResult } from "../readings/protocol-reader.ts";
import { estimateFromWork, type PooledWork, type ResultWork, workReading } from "./pooled-work.ts";

/**
 * The native protocol, switching between harmonic wells (docs/native-protocol.md): one BAR on the work of all results; results with one seed hold the
 * same numbers and count once.
 */
export const harmonicSwitching: ProtocolReader = {
  protocols: ["HarmonicSwitchingProtocol"],
  outputs: ["reduced_work", "seed", "temperature"],
  read: (content) => {
    const [forward, reverse] = [unitNamed("forward", content), unitNamed("reverse", content)];
    const temperature = quantityOutput(forward, "temperature", "kelvin", content.zstd);
    const work = { seed: textOutput(forward, "seed"), forward: finiteWork(forward), reverse: finiteWork(reverse) };
    return {
      temperature,
      repeats: [],
      work: [workReading(work, temperature)],
      flags: [],
    };
  },
  estimate: (protocol, readings, flags) => {
    const bySeed = new Map<string, ResultWork>();
    for (const { resultKey, temperature, work } of readings) {
      for (const { seed, ...values } of work) {
        const repeatId = seed ?? resultKey;
        if (bySeed.has(repeatId))
          flags.addOf(resultKey, { code: "duplicate-seed", message: `seed ${repeatId} is in another result, too` });
        else bySeed.set(repeatId, { ...values, resultKey, repeatId, temperature });
      }
    }
    const inOrderOfSeeds = [...bySeed.values()].sort((a, b) => (a.repeatId < b.repeatId ? -1 : 1));
    return estimateFromWork(protocol, inOrderOfSeeds, { kind: "asymptotic", of: errorOfPool }, flags);
  },
};

/** A variance below this part of its smallest possible value is rounding: wells that differ by their offset alone. */
const rounding = 1e-12;

/**
 * The protocol's own estimate of one result, in kT: BAR, and the larger of its two errors. They agree where the work distributions overlap; elsewhere
 * Bennett's is too low.
 * @throws {OverlapError} where the directions do not overlap at all
 */
export function harmonicBar(forward: readonly number[], reverse: readonly number[]): { difference: number; error: number } {
  const estimate = bar(forward, reverse);
  const error = largerError(estimate, forward.length, reverse.length);
  if (!Number.isFinite(error)) {
    throw new OverlapError(
      "forward and reverse work do not overlap at all: switch more slowly (more steps or a longer timestep)",
    );
  }
  return { difference: estimate.difference, error };
}

function errorOfPool({ forward, reverse }: PooledWork, estimate: BarEstimate): number {
  return largerError(estimate, forward.length, reverse.length);
}

function largerError({ barError, mbarError }: BarEstimate, nForward: number, nReverse: number): number {
  const error = Math.max(barError, mbarError);
  return error * error < rounding * (1 / nForward + 1 / nReverse) ? 0 : error;
}

function unitNamed(name: string, { resultKey, successes }: ResultContent): UnitResult {
  const found = successes.find((unit) => unit.name === name);
  if (found === undefined) throw new MalformedResult(resultKey, `has no unit '${name}'`);
  return found;
}

function finiteWork(unit: UnitResult): number[] {
  const work = numberList(unit, "reduced_work");
  if (!work.every(Number.isFinite)) throw new MalformedResult(`${unit.key}.outputs.reduced_work`, "must be finite numbers");
  return work;
}
