/**
 * An API process on any stores: `node api-process.ts STATE_URL OBJECTS KIND LIMITS`, where OBJECTS is a directory or an address of S3. Tells its addresses over the
 * IPC channel, and what it holds when asked; ends when told to, or when that channel closes.
 */
import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage, ServerResponse } from "node:http";
import { queryObjects } from "node:v8";
import { openObjectStore } from "@alchemiscale/objectstore";
import { openStateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { createServer, type ServerLimits } from "../src/index.ts";
import { EventTail } from "../src/v1/events/event-tail.ts";

export type ToApiProcess = "stop" | "under way" | "held";

/** Requests that have come and are not over, and claims that wait. Cheap. */
export interface UnderWay {
  readonly requests: number;
  readonly waitingClaims: number;
}

/** Instances that are still referred to, by class: what requests that are over must not leave behind. Takes a second. */
export type Held = Readonly<Record<string, number>>;

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
let requests = 0;
subscribe("http.server.request.start", (message) => {
  requests += 1;
  (message as { response: ServerResponse }).response.once("close", () => {
    requests -= 1;
  });
});
process.on("message", async (message: ToApiProcess) => {
  if (message === "under way") tell({ requests, waitingClaims: server.waitingClaims });
  else if (message === "held") tell(held());
  else if (message === "stop") {
    await server.close();
    await Promise.all([stateStore.close(), objectStore.close()]);
    process.disconnect?.();
  }
});
process.send?.({ user: server.userAddress, compute: server.computeAddress });

function tell(figures: UnderWay | Held): void {
  process.send?.(figures);
}

function held(): Held {
  const classes = { ServerResponse, IncomingMessage, AbortController, EventTail };
  return Object.fromEntries(Object.entries(classes).map(([name, of]) => [name, queryObjects(of, { format: "count" })]));
}
