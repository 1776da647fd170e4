import { mapAhead, type StatusCounts } from "@alchemiscale/client";
import type { TaskStatus } from "@alchemiscale/contract";
import { print, printJson } from "../terminal/print.ts";
import { startProgress } from "../terminal/progress.ts";
import { completeCounts, statusCells, statusColumns } from "../terminal/status-table.ts";
import { table } from "../terminal/table.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";
import { scopeOption } from "./scope-option.ts";

const shown = ["complete", "running", "waiting", "error"] as const satisfies readonly TaskStatus[];

/** Requests at once. */
const concurrency = 6;

/** `transformation list`: keys, one a line; a table with --status. */
export async function transformationList(
  options: ApiOptions & {
    readonly scope?: string;
    readonly name?: string;
    readonly network?: string;
    readonly status?: boolean;
    readonly json?: boolean;
  },
): Promise<void> {
  const scope = options.scope === undefined ? undefined : scopeOption(options.scope);
  const client = apiClient(options);
  const transformations =
    options.network === undefined
      ? await client.queryTransformations({ scope, name: options.name })
      : await client.getNetworkTransformations(await existingNetwork(client, options.network));
  if (!options.status) {
    if (options.json) return printJson(transformations.map((transformation) => ({ transformation })));
    for (const transformation of transformations) print(transformation);
    return;
  }
  const counts: StatusCounts[] = [];
  const progress = startProgress("Counting Tasks", transformations.length);
  try {
    for await (const counted of mapAhead(transformations, concurrency, (each, signal) =>
      client.getTransformationStatus(each, { signal }),
    )) {
      counts.push(counted);
      progress.update(counts.length);
    }
  } finally {
    progress.stop();
  }
  const facts = transformations.map((transformation, index) => ({ transformation, tasks: completeCounts(counts[index] ?? {}) }));
  if (options.json) return printJson(facts);
  const rows = facts.map(({ transformation, tasks }) => [transformation, ...statusCells(shown, tasks)]);
  print(table([{ title: "transformation", shrinkTo: 24 }, ...statusColumns(shown)], rows));
}
