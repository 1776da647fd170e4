import type { NetworkState, TaskStatus } from "@alchemiscale/contract";
import { print, printJson } from "../terminal/print.ts";
import { completeCounts, statusCells, statusColumns } from "../terminal/status-table.ts";
import { table } from "../terminal/table.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { scopeOption } from "./scope-option.ts";

const shown = ["complete", "running", "waiting", "error"] as const satisfies readonly TaskStatus[];

/** Networks a request for their facts. */
const batchSize = 1000;

/** `network list`: one line a network. */
export async function networkList(
  options: ApiOptions & {
    readonly scope?: string;
    readonly state: NetworkState | "any";
    readonly name?: string;
    readonly keys?: boolean;
    readonly json?: boolean;
  },
): Promise<void> {
  const scope = options.scope === undefined ? undefined : scopeOption(options.scope);
  const client = apiClient(options);
  const state = options.state === "any" ? null : options.state;
  const networks = await client.queryNetworks({ scope, name: options.name, state });
  if (options.keys) {
    for (const network of networks) print(network);
    return;
  }
  const facts = [];
  for (let start = 0; start < networks.length; start += batchSize) {
    const batch = networks.slice(start, start + batchSize);
    const [states, weights, counts] = await Promise.all([
      client.getNetworksState(batch),
      client.getNetworksWeight(batch),
      client.getNetworksStatus(batch),
    ]);
    for (const [index, network] of batch.entries()) {
      const tasks = completeCounts(counts[index] ?? {});
      facts.push({ network, state: states[index] ?? null, weight: weights[index] ?? null, tasks });
    }
  }
  if (options.json) return printJson(facts);
  const columns = [
    { title: "network", shrinkTo: 24 },
    { title: "state" },
    { title: "weight", align: "right" as const },
    ...statusColumns(shown),
  ];
  print(
    table(
      columns,
      facts.map((each) => [each.network, each.state ?? "", String(each.weight ?? ""), ...statusCells(shown, each.tasks)]),
    ),
  );
}
