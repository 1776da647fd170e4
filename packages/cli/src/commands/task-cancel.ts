import { note, print, printJson } from "../terminal/print.ts";
import { UsageError } from "../usage-error.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";
import { taskArguments } from "./task-arguments.ts";

/** `task cancel`: prints the keys of those taken back. Exit code 1 when none of those named was marked. */
export async function taskCancel(
  networkText: string,
  texts: readonly string[],
  options: ApiOptions & { readonly all?: boolean; readonly json?: boolean },
): Promise<void> {
  if (options.all && texts.length > 0) throw new UsageError("give Tasks or --all, not both");
  if (!options.all && texts.length === 0) throw new UsageError("give keys of Tasks, `-` for standard input, or --all");
  const client = apiClient(options);
  const network = await existingNetwork(client, networkText);
  const tasks = options.all ? [...(await client.getNetworkActionedTasks(network)).keys()] : await taskArguments(texts);
  const replies = tasks.length === 0 ? [] : await client.cancelTasks(network, tasks);
  const canceled = replies.filter((reply) => reply !== null);
  const missed = tasks.filter((_, index) => replies[index] === null);
  if (options.json) printJson({ network, canceled, notCanceled: missed });
  else {
    note(`Canceled ${canceled.length} of ${tasks.length} Tasks.`);
    if (missed.length > 0) note(`${missed.length} were not marked for execution in this network.`);
    for (const task of canceled) print(task);
  }
  if (!options.all && canceled.length === 0) process.exitCode = 1;
}
