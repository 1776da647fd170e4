import { note, print, printJson } from "../terminal/print.ts";
import { table } from "../terminal/table.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { taskArguments } from "./task-arguments.ts";

/** `task priority`: shown, after it was set where a value is given. Exit code 1 when a Task is not there. */
export async function taskPriority(
  texts: readonly string[],
  options: ApiOptions & { readonly set?: number; readonly json?: boolean },
): Promise<void> {
  const client = apiClient(options);
  const tasks = await taskArguments(texts);
  if (options.set !== undefined) {
    const changed = (await client.setTasksPriority(tasks, options.set)).filter((reply) => reply !== null);
    if (!options.json) note(`${changed.length} of ${tasks.length} Tasks have the priority ${options.set} now.`);
  }
  const priorities = await client.getTasksPriority(tasks);
  if (options.json) {
    printJson(tasks.map((task, index) => ({ task, priority: jsonPriority(priorities[index] ?? null) })));
  } else {
    const rows = tasks.map((task, index) => [task, String(priorities[index] ?? "not there")]);
    print(
      table(
        [
          { title: "task", shrinkTo: 24 },
          { title: "priority", align: "right" },
        ],
        rows,
      ),
    );
  }
  if (priorities.includes(null)) process.exitCode = 1;
}

/** A priority for JSON: as a text where a number would lose digits. */
export function jsonPriority(priority: number | bigint | null): number | string | null {
  return typeof priority === "bigint" ? priority.toString() : priority;
}
