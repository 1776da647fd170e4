import type { UserTaskStatus } from "@alchemiscale/contract";
import { note, print, printJson } from "../terminal/print.ts";
import { styledStatus } from "../terminal/status-table.ts";
import { table } from "../terminal/table.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { taskArguments } from "./task-arguments.ts";

type Options = ApiOptions & { readonly json?: boolean };

/** `task status`: in the order given. Exit code 1 when one is not there. */
export async function taskStatus(texts: readonly string[], options: Options): Promise<void> {
  const client = apiClient(options);
  const tasks = await taskArguments(texts);
  const statuses = await client.getTasksStatus(tasks);
  if (options.json) printJson(tasks.map((task, index) => ({ task, status: statuses[index] ?? null })));
  else {
    const rows = tasks.map((task, index) => {
      const status = statuses[index];
      return [task, status ? styledStatus(status) : "not there"];
    });
    print(table([{ title: "task", shrinkTo: 24 }, { title: "status" }], rows));
  }
  if (statuses.includes(null)) process.exitCode = 1;
}

/** `task set-status`: prints the keys of those that have it now. Exit code 1 when one could not have it. */
export async function taskSetStatus(status: UserTaskStatus, texts: readonly string[], options: Options): Promise<void> {
  const client = apiClient(options);
  const tasks = await taskArguments(texts);
  const replies = await client.setTasksStatus(tasks, status);
  const changed = replies.filter((reply) => reply !== null);
  const unchanged = tasks.filter((_, index) => replies[index] === null);
  if (options.json) printJson({ status, changed, unchanged });
  else {
    note(`${changed.length} of ${tasks.length} Tasks are ${status} now.`);
    if (unchanged.length > 0) note(`These cannot be, or are not there:\n${unchanged.map((task) => `  ${task}`).join("\n")}`);
    for (const task of changed) print(task);
  }
  if (unchanged.length > 0) process.exitCode = 1;
}
