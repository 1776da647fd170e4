import type { ScopedKey } from "@alchemiscale/contract";
import { note, print, printJson } from "../terminal/print.ts";
import { CommandFailure } from "../usage-error.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";
import { transformationsOf } from "./transformations-of.ts";

/** Transformations a request: large networks are created in parts of a size that any server takes. */
const batchSize = 2500;

/** `task create`: `count` Tasks for each transformation; prints their keys, one a line. */
export async function taskCreate(
  key: string,
  options: ApiOptions & { readonly count: number; readonly json?: boolean },
): Promise<void> {
  const client = apiClient(options);
  const target = keyArgument(key);
  const transformations = await transformationsOf(client, target);
  if (transformations.length === 0) throw new CommandFailure(`the network ${target} has no transformations`);
  const wanted = transformations.flatMap((each) => Array<ScopedKey>(options.count).fill(each));
  const tasks: ScopedKey[] = [];
  for (let start = 0; start < wanted.length; start += batchSize) {
    tasks.push(...(await client.createTransformationsTasks(wanted.slice(start, start + batchSize))));
  }
  if (options.json) return printJson(tasks.map((task, index) => ({ task, transformation: wanted[index] })));
  note(`Created ${tasks.length} Tasks; they are executed once they are actioned: alchemiscale task action NETWORK`);
  for (const task of tasks) print(task);
}
