/** Settings from environment variables, whose names are not case-sensitive (user-api §9). */
import { UsageError } from "./usage-error.ts";

/** The variable's text; undefined where it is absent or empty. An exact match of the name goes first. */
export function environmentVariable(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const exact = environment[name];
  if (exact !== undefined && exact !== "") return exact;
  const wanted = name.toLowerCase();
  for (const [candidate, value] of Object.entries(environment)) {
    if (candidate.toLowerCase() === wanted && value !== undefined && value !== "") return value;
  }
  return undefined;
}

/**
 * A number of the environment, within bounds (both allowed).
 * @throws {UsageError}
 */
export function environmentNumber(
  name: string,
  fallback: number,
  bounds: { readonly least: number; readonly most?: number; readonly integer?: boolean },
): number {
  const text = environmentVariable(name);
  if (text === undefined) return fallback;
  const value = Number(text);
  const { least, most = Number.MAX_SAFE_INTEGER, integer = true } = bounds;
  if (!Number.isFinite(value) || (integer && !Number.isInteger(value)) || value < least || value > most) {
    throw new UsageError(`${name}=${text} must be ${integer ? "a whole number" : "a number"} from ${least} to ${most}`);
  }
  return value;
}

/**
 * One of several words of the environment, in any letter case.
 * @throws {UsageError}
 */
export function environmentChoice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
  const text = environmentVariable(name);
  if (text === undefined) return fallback;
  const choice = choices.find((candidate) => candidate === text.toLowerCase());
  if (choice === undefined) throw new UsageError(`${name}=${text} must be one of: ${choices.join(", ")}`);
  return choice;
}
