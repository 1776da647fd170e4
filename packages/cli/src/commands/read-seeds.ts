import { readFile } from "node:fs/promises";
import { UsageError } from "../usage-error.ts";

/**
 * Reads a JSON object from Task keys to seed texts.
 * @throws {UsageError}
 */
export async function readSeeds(file: string): Promise<ReadonlyMap<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`--seeds ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`--seeds ${file} must hold a JSON object from keys of Tasks to seeds`);
  }
  const seeds = new Map<string, string>();
  for (const [task, seed] of Object.entries(value)) {
    if (typeof seed !== "string" || !/^[0-9A-Za-z._-]+$/.test(seed)) {
      throw new UsageError(`--seeds ${file}: the seed of ${task} must be a text of letters, digits, '.', '_' and '-'`);
    }
    seeds.set(task, seed);
  }
  return seeds;
}
