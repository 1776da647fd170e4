import { type AlchemiscaleClient, type EventPage, isUnknownRoute, type NetworkEvent } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import { eventLine } from "../terminal/event-line.ts";
import { note, print } from "../terminal/print.ts";
import { completeCounts, statusTable } from "../terminal/status-table.ts";
import { CommandFailure } from "../usage-error.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";

interface WatchOptions extends ApiOptions {
  readonly history?: boolean;
  readonly json?: boolean;
}

/** What may have happened between the first look and the first event is seen by looking again. */
const lookMs = 30_000;

/** `watch`: one line an event, until no Task waits or runs (exit code 0) or a signal (130). */
export async function watch(key: string, options: WatchOptions): Promise<void> {
  const client = apiClient(options);
  const network = await existingNetwork(client, key);
  const ended = new AbortController();
  const interrupt = () => {
    process.exitCode = 130;
    ended.abort();
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  let looking: Promise<void> | undefined;
  let again = false;
  const look = () => {
    // One look at a time; what happens during one is seen by another after it.
    if (looking !== undefined) {
      again = true;
      return;
    }
    looking = isDone(client, network, ended.signal)
      .then((done) => {
        if (done) ended.abort();
      })
      .catch(() => {})
      .finally(() => {
        looking = undefined;
        if (again && !ended.signal.aborted) {
          again = false;
          look();
        }
      });
  };
  const tell = (event: NetworkEvent) => print(options.json ? JSON.stringify(event) : eventLine(event));
  const timer = setInterval(look, lookMs);
  try {
    let after: string | undefined;
    if (options.history) {
      after = "0";
      for (let next: string | null = after; next !== null; ) {
        const page: EventPage = await client.getNetworkEvents(network, { after: next, signal: ended.signal });
        for (const event of page.events) tell(event);
        after = page.events.at(-1)?.id ?? after;
        next = page.next;
      }
    }
    look();
    for await (const event of client.watchNetwork(network, { signal: ended.signal, ...(after && { after }) })) {
      tell(event);
      if (event.kind === "status" && event.to !== "running") look();
    }
  } catch (error) {
    if (isUnknownRoute(error)) throw new CommandFailure("this server does not tell what happens; use network status");
    if (!ended.signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    process.removeListener("SIGINT", interrupt).removeListener("SIGTERM", interrupt);
  }
  if (process.exitCode === 130) return;
  const counts = completeCounts(await client.getNetworkStatus(network));
  if (options.json) return;
  note("No Task of the network waits or runs.");
  print(statusTable(counts));
}

async function isDone(client: AlchemiscaleClient, network: ScopedKey, signal: AbortSignal): Promise<boolean> {
  const { waiting, running } = completeCounts(await client.getNetworkStatus(network, { signal }));
  return waiting + running === 0;
}
