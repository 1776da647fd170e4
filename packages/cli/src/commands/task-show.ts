import { type AlchemiscaleClient, type EventPage, isUnknownRoute, type NetworkEvent } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import { eventLine } from "../terminal/event-line.ts";
import { print, printJson } from "../terminal/print.ts";
import { styledStatus } from "../terminal/status-table.ts";
import { CommandFailure } from "../usage-error.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingObject } from "./existing-object.ts";
import { jsonPriority } from "./task-priority.ts";

/** `task show`. */
export async function taskShow(
  text: string,
  options: ApiOptions & { readonly history?: boolean; readonly json?: boolean },
): Promise<void> {
  const client = apiClient(options);
  const task = await existingObject(client, text, ["Task"]);
  const [[status = null], [priority = null], transformation, networks, actioned, history] = await Promise.all([
    client.getTasksStatus([task]),
    client.getTasksPriority([task]),
    client.getTaskTransformation(task),
    client.getTaskNetworks(task),
    client.getTaskActionedNetworks(task),
    options.history ? historyOf(client, task) : [],
  ]);
  const marked = networks.map((network) => ({ network, weight: actioned.get(network) ?? null }));
  if (options.json) {
    const facts = { task, status, priority: jsonPriority(priority), transformation, networks: marked };
    return printJson(options.history ? { ...facts, history } : facts);
  }
  print(`status          ${status === null ? "" : styledStatus(status)}`);
  print(`priority        ${priority}`);
  print(`transformation  ${transformation}`);
  for (const { network, weight } of marked) {
    print(`network         ${network}${weight === null ? "" : `, marked for execution with weight ${weight}`}`);
  }
  for (const event of history) print(eventLine(event));
}

async function historyOf(client: AlchemiscaleClient, task: ScopedKey): Promise<NetworkEvent[]> {
  const events: NetworkEvent[] = [];
  try {
    for (let after: string | null = "0"; after !== null; ) {
      const page: EventPage = await client.getTaskEvents(task, { after });
      events.push(...page.events);
      after = page.next;
    }
  } catch (error) {
    if (isUnknownRoute(error)) throw new CommandFailure("this server does not tell what happened");
    throw error;
  }
  return events;
}
