import { InvalidInput } from "@alchemiscale/analysis";
import type { NoiseModel, StrategyNetwork, TransformationNoise } from "@alchemiscale/strategist";
import { numberAt, objectAt, readCases } from "../analysis/table-cases.ts";
import { warn } from "../terminal/print.ts";
import { UsageError } from "../usage-error.ts";

/**
 * Noise as it was recorded: `{"<key of the Transformation>": {"spread": kcal/mol, "gpuHours": …}}`. A warning says what of it is in none of the networks.
 * @throws {UsageError} where it is something else, or all of it is of other networks
 */
export async function readNoise(file: string, networks: readonly StrategyNetwork[]): Promise<NoiseModel> {
  const { cases } = await readCases(file);
  const noise = new Map(Object.entries(fieldsIn(cases[0], file)));
  const known = new Set(networks.flatMap(({ edges }) => edges.map(({ key }) => key)));
  const others = [...noise.keys()].filter((key) => !known.has(key));
  if (others.length === noise.size)
    throw new UsageError(`${file} has no Transformation of the network${networks.length > 1 ? "s" : ""}`);
  if (others.length > 0) warn(`${file}: ${others.length} of ${noise.size} are of no network that is simulated: ${others[0]}, …`);
  return noise;
}

function fieldsIn(value: unknown, file: string): Record<string, TransformationNoise> {
  try {
    const entries = Object.entries(objectAt(value, "the noise")).map(([key, entry]) => {
      const { spread, gpuHours } = objectAt(entry, key);
      return [key, { spread: above0(spread, `${key}.spread`), gpuHours: above0(gpuHours, `${key}.gpuHours`) }] as const;
    });
    return Object.fromEntries(entries);
  } catch (error) {
    if (error instanceof InvalidInput) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function above0(value: unknown, field: string): number {
  const number = numberAt(value, field);
  if (!(number > 0)) throw new InvalidInput(field, `is ${number}; it must be above 0`);
  return number;
}
