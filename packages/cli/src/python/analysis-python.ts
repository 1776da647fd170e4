/** The Python that is asked about protocols and strategies which are not known here. */
import { resolve } from "node:path";
import type { PythonAnalyst } from "@alchemiscale/compute";
import type { ObjectStore } from "@alchemiscale/objectstore";
import type { StateStore } from "@alchemiscale/statestore";
import type { Proposer } from "@alchemiscale/strategist/service";
import { environmentVariable } from "../environment.ts";

export interface AnalysisPythonOptions {
  readonly analysisPython?: string;
}

/**
 * Nothing where no interpreter is named, by `--analysis-python` or ALCHEMISCALE_ANALYSIS_PYTHON. It starts when it is first asked; whoever has it closes it.
 * @param log for its versions, and for what it writes
 */
export async function openAnalysisPython(
  { analysisPython }: AnalysisPythonOptions,
  log: (text: string) => void,
): Promise<PythonAnalyst | undefined> {
  const named = analysisPython ?? environmentVariable("ALCHEMISCALE_ANALYSIS_PYTHON");
  if (named === undefined) return undefined;
  const { PythonAnalyst: Analyst } = await import("@alchemiscale/compute");
  // It runs in a directory of its own; a name without a slash is looked for on the PATH.
  return new Analyst({ python: named.includes("/") ? resolve(named) : named, onEvent: log, onOutput: log });
}

/** What runs strategies of Python packages there. Everything stays the caller's. */
export async function createPythonProposer(
  stores: { readonly stateStore: StateStore; readonly objectStore: ObjectStore },
  python: PythonAnalyst,
): Promise<Proposer> {
  const { PythonProposer } = await import("./python-proposer.ts");
  return new PythonProposer(stores, python);
}
