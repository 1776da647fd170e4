import { InvalidInput } from "@alchemiscale/analysis";
import type { TaskScaling } from "@alchemiscale/contract";
import {
  type ConfiguredStrategy,
  InvalidWeight,
  type NetworkResults,
  resolveWeights,
  resultsFromTable,
  type StrategyNetwork,
  type TableResults,
  weightsToCounts,
} from "@alchemiscale/strategist";
import { listAt, numberAt, objectAt, wholeCase } from "../analysis/table-cases.ts";

/** A network or a strategy that was read, under its gufe key. */
export type ByKey<T> = ReadonlyMap<string, T>;

export interface ProposalInput {
  readonly networks: ByKey<StrategyNetwork>;
  readonly strategies: ByKey<ConfiguredStrategy>;
  readonly maxTasks: number;
  readonly scaling: TaskScaling;
}

/** What `strategy propose` prints of one case: the names that it had, and the weights by key of the Transformation. */
export interface ProposalOutput {
  readonly network?: string;
  readonly network_key: string;
  readonly strategy?: string;
  readonly state?: string;
  readonly strategy_key: string;
  /** As the strategy gave them. */
  readonly raw: Readonly<Record<string, number | null>>;
  /** As shares of the network. */
  readonly resolved: Readonly<Record<string, number | null>>;
  /** Tasks that would be at work at the same time. */
  readonly counts: Readonly<Record<string, number>>;
  readonly why: string;
}

/**
 * The weights that a strategy proposes for a network with the results of a case: `{"results": {…}}`, or the results alone.
 * @throws {InvalidInput}
 */
export function proposalOf(value: unknown, { networks, strategies, maxTasks, scaling }: ProposalInput): ProposalOutput {
  const fields = objectAt(value, wholeCase);
  const isRow = "results" in fields;
  const [networkKey, network] = named(networks, isRow ? fields.network_key : undefined, "network_key");
  const [strategyKey, strategy] = named(strategies, isRow ? fields.strategy_key : undefined, "strategy_key");
  const results = resultsAt(isRow ? objectAt(fields.results, "results") : fields, isRow ? "results." : "");
  const { weights, why } = strategy.propose(network, results);
  try {
    const resolved = resolveWeights(weights);
    return {
      ...(isRow ? texts(fields, ["network", "strategy", "state"]) : {}),
      network_key: networkKey,
      strategy_key: strategyKey,
      raw: Object.fromEntries(weights),
      resolved: Object.fromEntries(resolved),
      counts: Object.fromEntries(weightsToCounts(resolved, maxTasks, scaling)),
      why,
    };
  } catch (error) {
    if (error instanceof InvalidWeight) throw new InvalidInput("weights", `cannot be used: ${error.message}`);
    throw error;
  }
}

/** The one that the case names; where it names none, the only one that there is. */
function named<T>(all: ByKey<T>, key: unknown, field: string): [string, T] {
  const own = typeof key === "string" ? all.get(key) : undefined;
  if (own !== undefined) return [String(key), own];
  const [only, ...others] = all;
  if (key === undefined && only !== undefined && others.length === 0) return only;
  const given = [...all.keys()].join(", ");
  throw new InvalidInput(
    field,
    key === undefined
      ? `is missing; it must be one of the given ${given}`
      : `is ${JSON.stringify(key)}, which is none of the given ${given}`,
  );
}

function resultsAt(fields: { readonly [name: string]: unknown }, path: string): NetworkResults {
  const table: Record<string, TableResults | null> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === null) table[key] = null;
    else if (typeof value === "number") table[key] = { n: countAt(value, `${path}${key}`) };
    else {
      const row = objectAt(value, `${path}${key}`);
      const estimates = row.estimates === undefined ? [] : listAt(row, "estimates");
      table[key] = {
        n: row.n === null || row.n === undefined ? null : countAt(row.n, `${path}${key}.n`),
        estimates: estimates.map((each, i) => (each === null ? null : numberAt(each, `${path}${key}.estimates[${i}]`))),
      };
    }
  }
  return resultsFromTable(table);
}

function countAt(value: unknown, field: string): number {
  const count = numberAt(value, field);
  if (!Number.isInteger(count) || count < 0)
    throw new InvalidInput(field, `is ${count}; it must be the number of results, 0 or more`);
  return count;
}

function texts(fields: { readonly [name: string]: unknown }, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (typeof fields[name] === "string" ? [[name, fields[name]]] : [])));
}
