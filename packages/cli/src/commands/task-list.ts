import type { AlchemiscaleClient } from "@alchemiscale/client";
import type { ScopedKey, TaskStatus } from "@alchemiscale/contract";
import { print, printJson } from "../terminal/print.ts";
import { styledStatus } from "../terminal/status-table.ts";
import { table } from "../terminal/table.ts";
import { UsageError } from "../usage-error.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";
import { scopeOption } from "./scope-option.ts";
import { jsonPriority } from "./task-priority.ts";
import { transformationsOf } from "./transformations-of.ts";

interface TaskListOptions extends ApiOptions {
  readonly network?: string;
  readonly transformation?: string;
  readonly scope?: string;
  readonly status?: TaskStatus;
  readonly actioned?: boolean;
  readonly keys?: boolean;
  readonly json?: boolean;
}

/** `task list`: of a network, of a transformation, or of a scope. */
export async function taskList(options: TaskListOptions): Promise<void> {
  if (options.actioned && options.network === undefined) throw new UsageError("--actioned needs --network");
  const client = apiClient(options);
  const found = await findTasks(client, options);
  // The list of those that are marked for execution is not by status.
  if (options.keys && !(options.actioned && options.status !== undefined)) {
    for (const task of found.keys()) print(task);
    return;
  }
  const tasks = [...found.keys()];
  const [statuses, priorities] = await Promise.all([client.getTasksStatus(tasks), client.getTasksPriority(tasks)]);
  const facts = tasks
    .map((task, index) => ({ task, status: statuses[index], priority: priorities[index], weight: found.get(task) ?? null }))
    .filter(({ status }) => options.status === undefined || status === options.status);
  if (options.keys) {
    for (const { task } of facts) print(task);
    return;
  }
  if (options.json) {
    return printJson(
      facts.map(({ task, status, priority, weight }) => ({
        task,
        status: status ?? null,
        priority: jsonPriority(priority ?? null),
        ...(options.actioned && { weight }),
      })),
    );
  }
  const columns = [{ title: "task", shrinkTo: 24 }, { title: "status" }, { title: "priority", align: "right" as const }];
  const rows = facts.map(({ task, status, priority, weight }) => [
    task,
    status ? styledStatus(status) : "",
    String(priority ?? ""),
    ...(options.actioned ? [String(weight)] : []),
  ]);
  print(table(options.actioned ? [...columns, { title: "weight", align: "right" }] : columns, rows));
}

/** Tasks, with their weights where they are known. */
async function findTasks(client: AlchemiscaleClient, options: TaskListOptions): Promise<Map<ScopedKey, number | null>> {
  const { status } = options;
  if (options.network !== undefined) {
    const network = await existingNetwork(client, options.network);
    if (options.actioned) return client.getNetworkActionedTasks(network);
    return weightless(await client.getNetworkTasks(network, { status }));
  }
  if (options.transformation !== undefined) {
    const key = keyArgument(options.transformation);
    const [transformation] = await transformationsOf(client, key);
    if (transformation !== key) throw new UsageError(`${key} is a network; give it as --network`);
    return weightless(await client.getTransformationTasks(key, { status }));
  }
  const scope = options.scope === undefined ? undefined : scopeOption(options.scope);
  return weightless(await client.queryTasks({ scope, status }));
}

function weightless(tasks: readonly ScopedKey[]): Map<ScopedKey, null> {
  return new Map(tasks.map((task) => [task, null]));
}
