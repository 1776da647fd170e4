/** `strategy propose`, `resolve` and `counts`: what strategies want, from files alone. */
import type { TaskScaling } from "@alchemiscale/contract";
import { printCases } from "../analysis/print-cases.ts";
import { type ProposalOutput, proposalOf } from "../strategy/proposal-case.ts";
import { readNetworks, readStrategies } from "../strategy/read-strategy-files.ts";
import { countsOf, resolvedOf } from "../strategy/weight-cases.ts";
import { type Column, table } from "../terminal/table.ts";

interface Options {
  readonly json?: boolean;
}

interface ProposeOptions extends Options {
  readonly network: readonly string[];
  readonly strategy: readonly string[];
  readonly results: string;
  readonly maxTasks: number;
  readonly scaling: TaskScaling;
}

export async function strategyPropose({ network, strategy, results, maxTasks, scaling, json }: ProposeOptions): Promise<void> {
  const input = { networks: await readNetworks(network), strategies: await readStrategies(strategy), maxTasks, scaling };
  await printCases(results, json === true ? { json } : {}, {
    compute: (value) => proposalOf(value, input),
    text: proposalText,
    errorName: "propose_error",
  });
}

export function strategyResolve(file: string, options: Options): Promise<void> {
  const text = ({ resolved }: ReturnType<typeof resolvedOf>) =>
    table(
      [{ title: "" }, number("share")],
      Object.entries(resolved).map(([key, share]) => [key, shown(share)]),
    );
  return printCases(file, options, { compute: resolvedOf, text, errorName: "resolve_error" });
}

export function strategyCounts(file: string, options: Options): Promise<void> {
  const text = ({ counts }: ReturnType<typeof countsOf>) => counts.join(" ");
  return printCases(file, options, { compute: countsOf, text, errorName: "counts_error", shared: ["weights"] });
}

function proposalText({ raw, resolved, counts, why }: ProposalOutput): string {
  const rows = Object.entries(raw).map(([key, weight]) => [
    key,
    shown(weight),
    shown(resolved[key] ?? null),
    String(counts[key] ?? 0),
  ]);
  const columns = [{ title: "Transformation", shrinkTo: 16 }, number("weight"), number("share"), number("Tasks")];
  return `${table(columns, rows)}\n${why}.`;
}

function number(title: string): Column {
  return { title, align: "right" };
}

function shown(weight: number | null): string {
  return weight === null ? "done" : String(Number(weight.toPrecision(4)));
}
