import { magnitudeOf } from "@alchemiscale/gufe";
import { bootstrapBar, bootstrapBarUnpaired } from "../estimators/bootstrap.ts";
import { RandomStream } from "../random/random-stream.ts";
import { resamples } from "../random/resamples.ts";
import type { Flag } from "../readings/flag.ts";
import { MalformedResult } from "../readings/malformed-result.ts";
import { lastElements } from "../readings/outputs.ts";
import type { ProtocolReader, ReaderFindings, ResultContent } from "../readings/protocol-reader.ts";
import { estimateFromWork, type PooledWork, type WorkUncertainty, workReading } from "./pooled-work.ts";

/**
 * feflow's nonequilibrium cycling, on local machines or by Folding@Home: one BAR on the final work of all cycles of all results. The uncertainty
 * is the spread of 1000 resamples of whole cycles; feflow's are unseeded, ours start from the keys of the results. (spec/analysis.md §3)
 */
export const nonequilibriumCycling: ProtocolReader = {
  protocols: ["NonEquilibriumCyclingProtocol", "FahNonEquilibriumCyclingProtocol"],
  outputs: ["forward_work", "reverse_work"],
  read: readCycles,
  estimate: (protocol, readings, flags) =>
    estimateFromWork(
      protocol,
      readings.flatMap(({ resultKey, temperature, work }) =>
        work.map((cycles) => ({ ...cycles, resultKey, repeatId: resultKey, temperature })),
      ),
      bootstrapOfCycles,
      flags,
    ),
};

/** What the protocol takes where its settings name none, in kelvin. */
const defaultTemperature = 300;

function readCycles(content: ResultContent): ReaderFindings {
  const flags: Flag[] = [];
  const temperature = temperatureOf(content, flags);
  const units = content.successes.filter((unit) => unit.name === "result");
  if (units.length === 0) flags.push({ code: "missing-estimate", message: "no unit named result" });
  const works = (output: string): number[] =>
    units.flatMap((unit) => {
      const cycles = lastElements(unit, output, content.zstd) ?? [];
      const missing = cycles.filter((value) => value === null).length;
      if (missing > 0) flags.push({ code: "missing-work", message: `${missing} cycles of ${unit.key} have no ${output}` });
      const notFinite = cycles.filter((value) => value !== null && !Number.isFinite(value)).length;
      if (notFinite > 0)
        flags.push({
          code: "not-finite",
          message: `${notFinite} values of ${output} of ${unit.key} are not finite; they are left out`,
        });
      return cycles.flatMap((value) => (value !== null && Number.isFinite(value) ? [value] : []));
    });
  const [forward, reverse] = [works("forward_work"), works("reverse_work")];
  if (forward.length !== reverse.length) {
    flags.push({ code: "unequal-work", message: `${forward.length} forward and ${reverse.length} reverse work values` });
  }
  return { temperature, repeats: [], work: [workReading({ seed: null, forward, reverse }, temperature)], flags };
}

function temperatureOf({ settings }: ResultContent, flags: Flag[]): number {
  const quantity = settings?.settings("thermo_settings")?.quantity("temperature") ?? null;
  if (quantity === null) {
    flags.push({ code: "default-temperature", message: `no temperature in the settings; ${defaultTemperature} K is taken` });
    return defaultTemperature;
  }
  const kelvin = magnitudeOf(quantity);
  if (quantity.unit !== "kelvin" || !(kelvin > 0 && kelvin < Number.POSITIVE_INFINITY)) {
    throw new MalformedResult(
      "settings.thermo_settings.temperature",
      `is ${kelvin} ${quantity.unit}; it must be in kelvin, above 0`,
    );
  }
  return kelvin;
}

const replicates = 1000;

const bootstrapOfCycles: WorkUncertainty = {
  kind: "bootstrap",
  of: ({ forward, reverse, resultKeys }: PooledWork) => {
    const random = RandomStream.of(resultKeys.join(","));
    const { deviation } =
      forward.length === reverse.length
        ? bootstrapBar(forward, reverse, resamples(random, forward.length, replicates))
        : bootstrapBarUnpaired(forward, reverse, random, replicates);
    return deviation;
  },
};
