import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlchemiscaleClient } from "@alchemiscale/client";
import { nodeFetch } from "@alchemiscale/client/node";
import { parseScope, type Scope } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { createServer, hashKey, type ServerLimits } from "@alchemiscale/server";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { worker } from "./box-settings.ts";

export interface RealServer {
  readonly computeUrl: string;
  readonly user: AlchemiscaleClient;
  readonly stateStore: StateStore;
  /** One that was not given before. */
  freshScope(): Scope;
  /** Closes both APIs and opens them again on the same ports after `milliseconds`. */
  restart(milliseconds: number): Promise<void>;
  /** For the files of services. */
  readonly directory: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Both APIs on free ports over embedded stores in a fresh directory, with a user `alice` and a compute identity `worker` for all scopes. */
export async function realServer(limits: Partial<ServerLimits> = {}): Promise<RealServer> {
  const directory = await mkdtemp(join(tmpdir(), "alchemiscale-compute-test-"));
  const stateStore = await openStateStore(`sqlite:${join(directory, "state.sqlite")}`);
  const objectStore = await openObjectStore(`file:${join(directory, "objects")}`);
  for (const [type, identifier, key] of [
    ["user", "alice", "alice key"],
    ["compute", worker.identifier, worker.key],
  ] as const) {
    await stateStore.identities.put(type, identifier, await hashKey(key));
    await stateStore.identities.addScopes(type, identifier, [parseScope("*-*-*")]);
  }
  const jwtSecret = randomBytes(32).toString("hex");
  const open = async (userPort = 0, computePort = 0) => {
    const server = createServer({
      stateStore,
      objectStore,
      jwtSecret,
      limits,
      logger: pino({ level: "silent" }),
      bindings: { user: { host: "127.0.0.1", port: userPort }, compute: { host: "127.0.0.1", port: computePort } },
    });
    await server.listen();
    return server;
  };
  let server = await open();
  let scopes = 0;
  const [userUrl, computeUrl] = [server.userAddress ?? "", server.computeAddress ?? ""];
  return {
    computeUrl,
    user: new AlchemiscaleClient({ url: userUrl, identifier: "alice", key: "alice key", fetch: nodeFetch() }),
    stateStore,
    freshScope() {
      scopes += 1;
      return parseScope(`org-campaign-project${scopes}`);
    },
    directory,
    async restart(milliseconds) {
      await server.close();
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      server = await open(Number(new URL(userUrl).port), Number(new URL(computeUrl).port));
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await stateStore.close();
      await objectStore.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
