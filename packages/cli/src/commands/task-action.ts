import { note, print, printJson } from "../terminal/print.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";
import { taskArguments } from "./task-arguments.ts";

/** `task action`: marks Tasks for execution. Exit code 1 when none of those named could be. */
export async function taskAction(
  networkText: string,
  taskTexts: readonly string[],
  options: ApiOptions & { readonly weight?: number; readonly json?: boolean },
): Promise<void> {
  const client = apiClient(options);
  const network = await existingNetwork(client, networkText);
  const tasks =
    taskTexts.length === 0 ? await client.getNetworkTasks(network, { status: "waiting" }) : await taskArguments(taskTexts);
  const replies = tasks.length === 0 ? [] : await client.actionTasks(network, tasks, { weight: options.weight ?? null });
  const actioned = replies.filter((reply) => reply !== null);
  const missed = tasks.filter((_, index) => replies[index] === null);
  if (options.json) printJson({ network, actioned, notActioned: missed });
  else {
    note(`Actioned ${actioned.length} of ${tasks.length} Tasks.`);
    if (missed.length > 0)
      note(`${missed.length} were not: they are actioned here already, have ended, or are not of this network.`);
    for (const task of actioned) print(task);
  }
  if (taskTexts.length > 0 && actioned.length === 0) process.exitCode = 1;
}
