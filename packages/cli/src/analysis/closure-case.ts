import { cycleClosure, InvalidInput } from "@alchemiscale/analysis";
import { networkCase } from "./network-case.ts";

/** What `analysis closure` prints of one network. kcal/mol. */
export interface ClosureOutput {
  readonly cycles: readonly {
    readonly cycle: readonly string[];
    readonly cc: number;
    readonly cc_per_edge: number;
    readonly cc_unc_normalized: number | null;
  }[];
  readonly cycle_edges: readonly {
    readonly a: string;
    readonly b: string;
    readonly n_cycles: number;
    readonly mean: number;
    readonly max: number;
  }[];
}

export interface ClosureOptions {
  readonly longest: number;
  readonly parallel: "combine" | "cinnabar";
}

/** Cycle closure of a network table. @throws {InvalidInput} */
export function closureOf(value: unknown, options: ClosureOptions): ClosureOutput {
  const { edges } = networkCase(value);
  if (edges.length === 0) throw new InvalidInput("edges", "is empty; there are no cycles to close");
  for (const [i, { sigma }] of edges.entries())
    if (!(sigma >= 0)) throw new InvalidInput(`edges[${i}].sigma`, `is ${sigma}; it must be 0 or above`);
  const closure = cycleClosure(
    edges.map(({ a, b, ddg, sigma }) => ({ from: a, to: b, value: ddg, sigma })),
    options,
  );
  return {
    cycles: closure.cycles.map((cycle) => ({
      cycle: cycle.ligands,
      cc: cycle.closure,
      cc_per_edge: cycle.perEdge,
      cc_unc_normalized: cycle.normalized,
    })),
    cycle_edges: closure.edges.map(({ ligands: [a, b], cycles, mean, max }) => ({ a, b, n_cycles: cycles, mean, max })),
  };
}
