/** A server in the process of the test, on stores of its own: for tests that look inside, or forge tokens. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IdentityType, parseScope } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { hash } from "@node-rs/bcrypt";
import { type DestinationStream, pino } from "pino";
import { createServer, type Server, type ServerOptions } from "../src/index.ts";

export interface LocalServer {
  readonly server: Server;
  readonly user: string;
  readonly compute: string;
  readonly stateStore: StateStore;
  readonly secret: string;
  /** Of the stores. */
  readonly folder: string;
  identity(type: IdentityType, identifier: string, key: string, scopes?: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function startLocalServer(
  options: Partial<Pick<ServerOptions, "limits" | "metrics">> & {
    readonly log?: { level: string; stream: DestinationStream };
  } = {},
): Promise<LocalServer> {
  const folder = await mkdtemp(join(tmpdir(), "alchemiscale-local-server-"));
  const stateStore = await openStateStore(`sqlite:${folder}/state.sqlite`);
  const objectStore = await openObjectStore(`file:${folder}/objects`);
  const secret = "the secret of a server under test";
  const { log, ...others } = options;
  const server = createServer({
    stateStore,
    objectStore,
    jwtSecret: secret,
    logger: log === undefined ? pino({ level: "silent" }) : pino({ level: log.level }, log.stream),
    bindings: { user: { host: "127.0.0.1", port: 0 }, compute: { host: "127.0.0.1", port: 0 } },
    ...others,
  });
  await server.listen();
  return {
    server,
    user: server.userAddress ?? "",
    compute: server.computeAddress ?? "",
    stateStore,
    secret,
    folder,
    identity: async (type, identifier, key, scopes = []) => {
      // Cheap ones: what a hash costs is written in it.
      await stateStore.identities.put(type, identifier, await hash(key, { cost: 4 }));
      if (scopes.length > 0) await stateStore.identities.addScopes(type, identifier, scopes.map(parseScope));
    },
    close: async () => {
      await server.close();
      await stateStore.close();
      await objectStore.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
