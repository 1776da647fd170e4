import { InvalidInput } from "@alchemiscale/analysis";
import type { NoiseModel } from "@alchemiscale/strategist";
import { numberAt, objectAt } from "../analysis/table-cases.ts";

/**
 * Noise as it was recorded: `{"<key of the Transformation>": {"spread": kcal/mol, "gpuHours": …}}`, with what is assumed for those that are not in it.
 * @throws {InvalidInput}
 */
export function recordedNoise(value: unknown, assumed: (replicate: number) => NoiseModel): (replicate: number) => NoiseModel {
  const fields = objectAt(value, "the noise");
  const recorded = Object.entries(fields).map(([key, entry]) => {
    const { spread, gpuHours } = objectAt(entry, key);
    return [key, { spread: above0(spread, `${key}.spread`), gpuHours: above0(gpuHours, `${key}.gpuHours`) }] as const;
  });
  return (replicate) => {
    const noise = assumed(replicate);
    return new Map([...noise, ...recorded.filter(([key]) => noise.has(key))]);
  };
}

function above0(value: unknown, field: string): number {
  const number = numberAt(value, field);
  if (!(number > 0)) throw new InvalidInput(field, `is ${number}; it must be above 0`);
  return number;
}
