/**
 * A server in a process of its own, on a SQLite file and a directory below the one named in `DATA`. Its parent speaks to it over the
 * IPC channel: identities to add, and what it measures of itself.
 */
import { rmSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { IdentityType } from "@alchemiscale/contract";
import { parseScope } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { openStateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { createServer, hashKey, type ServerLimits } from "../src/index.ts";

export interface IdentityToAdd {
  readonly type: IdentityType;
  readonly identifier: string;
  readonly key: string;
  readonly scopes: readonly string[];
}

export interface Measured {
  /** Longest time between two turns of the event loop; on a busy machine also the time that others had the processor. */
  readonly loopDelayMs: number;
  /** Longest time that the event loop itself computed in one turn. */
  readonly loopHeldMs: number;
  readonly rssBytes: number;
}

export type ToChild =
  | { readonly add: readonly IdentityToAdd[] }
  | { readonly measure: "start" | "stop" }
  | { readonly stop: true };

export type FromChild = { readonly user: string; readonly compute: string } | { readonly added: true } | Measured;

const data = process.env.DATA ?? "";
const stateStore = await openStateStore(`sqlite:${data}/state.sqlite`);
const objectStore = await openObjectStore(`file:${data}/objects`);
const server = createServer({
  stateStore,
  objectStore,
  jwtSecret: "a secret for tests only",
  limits: JSON.parse(process.env.LIMITS ?? "{}") as Partial<ServerLimits>,
  logger: pino({ level: process.env.LOG_LEVEL ?? "fatal" }),
  bindings: { user: { host: "127.0.0.1", port: 0 }, compute: { host: "127.0.0.1", port: 0 } },
});
await server.listen();

const delay = monitorEventLoopDelay({ resolution: 5 });
let rssBytes = 0;
let loopHeldMs = 0;
let watch: NodeJS.Timeout | undefined;

process.on("message", (message: ToChild) => void handle(message));
// Whoever was to stop it is gone, and would have removed the directory.
process.on("disconnect", () => {
  rmSync(data, { recursive: true, force: true });
  process.exit();
});
tell({ user: server.userAddress ?? "", compute: server.computeAddress ?? "" });

async function handle(message: ToChild): Promise<void> {
  if ("add" in message) {
    await Promise.all(
      message.add.map(async ({ type, identifier, key, scopes }) => {
        await stateStore.identities.put(type, identifier, await hashKey(key));
        await stateStore.identities.addScopes(type, identifier, scopes.map(parseScope));
      }),
    );
    tell({ added: true });
  } else if ("measure" in message) {
    if (message.measure === "start") {
      rssBytes = 0;
      loopHeldMs = 0;
      delay.reset();
      delay.enable();
      let before = process.threadCpuUsage();
      watch = setInterval(() => {
        const now = process.threadCpuUsage();
        loopHeldMs = Math.max(loopHeldMs, (now.user + now.system - before.user - before.system) / 1000);
        before = now;
        rssBytes = Math.max(rssBytes, process.memoryUsage.rss());
      }, 5);
    } else {
      clearInterval(watch);
      delay.disable();
      tell({ loopDelayMs: delay.max / 1e6, loopHeldMs, rssBytes });
    }
  } else {
    await server.close();
    await stateStore.close();
    await objectStore.close();
    process.disconnect?.();
  }
}

function tell(message: FromChild): void {
  process.send?.(message);
}
