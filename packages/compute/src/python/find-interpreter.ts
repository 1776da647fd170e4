import { stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";

/** An interpreter, and what must be set for the programs of its environment to be found. */
export interface FoundInterpreter {
  readonly python: string;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * The interpreter that is meant: a path or name of a program; the directory of a conda or virtual environment; or, where nothing is given, that of the active
 * environment (`CONDA_PREFIX`, `VIRTUAL_ENV`), else `python` of the `PATH`. The programs of an environment's `bin` (antechamber, …) come first on the `PATH` of its units.
 */
export async function findInterpreter(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<FoundInterpreter> {
  if (given !== undefined) {
    const info = await stat(given).catch(() => null);
    if (info?.isDirectory() !== true) return { python: given, variables: {} };
    return ofPrefix(resolve(given), environment);
  }
  for (const variable of ["CONDA_PREFIX", "VIRTUAL_ENV"]) {
    const prefix = environment[variable];
    if (prefix === undefined || prefix === "") continue;
    const found = await ofPrefix(prefix, environment);
    if ((await stat(found.python).catch(() => null)) !== null) return found;
  }
  return { python: "python", variables: {} };
}

async function ofPrefix(prefix: string, environment: Readonly<Record<string, string | undefined>>): Promise<FoundInterpreter> {
  const bin = join(prefix, "bin");
  const isConda = (await stat(join(prefix, "conda-meta")).catch(() => null)) !== null;
  return {
    python: join(bin, "python"),
    variables: {
      PATH: [bin, environment.PATH ?? ""].filter((part) => part !== "").join(delimiter),
      [isConda ? "CONDA_PREFIX" : "VIRTUAL_ENV"]: prefix,
    },
  };
}
