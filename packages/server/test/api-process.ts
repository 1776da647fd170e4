/**
 * An API process on any stores: `node api-process.ts STATE_URL OBJECTS KIND LIMITS`, where OBJECTS is a directory or an address of S3. Tells its addresses over the
 * IPC channel, and what it holds when asked; ends when told to, or when that channel closes.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { queryObjects } from "node:v8";
import { MessagePort } from "node:worker_threads";
import { openObjectStore } from "@alchemiscale/objectstore";
import { openStateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { createServer, type ServerLimits } from "../src/index.ts";
import { EventTail } from "../src/v1/events/event-tail.ts";

export type ToApiProcess = "stop" | "held";

/** What requests that are over must not leave behind. */
export interface Held {
  /** Instances that are still referred to, by class. */
  readonly instances: Readonly<Record<string, number>>;
  readonly waitingClaims: number;
  /** Kinds of what keeps the event loop going, each with its number. */
  readonly resources: Readonly<Record<string, number>>;
}

const [state = "", objects = "", kind = "both", limits = "{}"] = process.argv.slice(2);
process.on("disconnect", () => process.exit());
const stateStore = await openStateStore(state);
const objectStore = await openObjectStore(objects.startsWith("s3:") ? objects : `file:${objects}`);
const binding = { host: "127.0.0.1", port: 0 };
const server = createServer({
  stateStore,
  objectStore,
  jwtSecret: "a secret for tests only",
  limits: JSON.parse(limits) as Partial<ServerLimits>,
  logger: pino({ level: process.env.LOG_LEVEL ?? "silent" }),
  bindings: {
    ...(kind === "compute" ? {} : { user: binding }),
    ...(kind === "user" ? {} : { compute: binding }),
  },
});
await server.listen();
process.on("message", async (message: ToApiProcess) => {
  if (message === "held") {
    process.send?.(await held());
    return;
  }
  await server.close();
  await Promise.all([stateStore.close(), objectStore.close()]);
  process.disconnect?.();
});
process.send?.({ user: server.userAddress, compute: server.computeAddress });

async function held(): Promise<Held> {
  // What ended in this turn is let go in the next.
  await nextTurn();
  const classes = { IncomingMessage, ServerResponse, AbortController, EventTail, MessagePort };
  const instances = Object.entries(classes).map(([name, of]) => [name, queryObjects(of, { format: "count" })] as const);
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return { instances: Object.fromEntries(instances), waitingClaims: server.waitingClaims, resources };
}
