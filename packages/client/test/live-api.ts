/** A server of ours on embedded stores, with one network, and results that need no compute service. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseScope, type ScopedKey } from "@alchemiscale/contract";
import { openObjectStore } from "@alchemiscale/objectstore";
import { createServer, hashKey } from "@alchemiscale/server";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { AlchemiscaleClient, type ClientOptions } from "../src/index.ts";

export const networkChain = readFileSync(new URL("../../../examples/harmonic-network.json", import.meta.url), "utf8");

export interface StoredResult {
  readonly task: ScopedKey;
  readonly transformation: ScopedKey;
  readonly ok: boolean;
  readonly bytes: Uint8Array;
}

export class LiveApi {
  readonly url: string;
  readonly computeUrl: string;
  readonly identifier = "alice";
  readonly key = "a key";
  /** Of the network of examples/, in `org-campaign-project`. */
  readonly network: ScopedKey;
  readonly transformations: readonly ScopedKey[];
  readonly state: StateStore;
  /** Where the objects lie. */
  readonly objects: string;
  readonly #store: (path: string, bytes: Uint8Array) => Promise<unknown>;
  readonly #close: () => Promise<void>;
  #stored = 0;

  static async start(): Promise<LiveApi> {
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-live-api-"));
    const state = await openStateStore(`sqlite:${join(directory, "state.sqlite")}`);
    const objects = await openObjectStore(`file:${join(directory, "objects")}`);
    for (const type of ["user", "compute"] as const) {
      await state.identities.put(type, "alice", await hashKey("a key"));
      await state.identities.addScopes(type, "alice", [parseScope("org-*-*")]);
    }
    const anyPort = { host: "127.0.0.1", port: 0 };
    const server = createServer({
      stateStore: state,
      objectStore: objects,
      jwtSecret: randomBytes(32).toString("hex"),
      limits: { graceSeconds: 1 },
      logger: pino({ level: "silent" }),
      bindings: { user: anyPort, compute: anyPort },
    });
    await server.listen();
    const urls = { url: server.userAddress ?? "", computeUrl: server.computeAddress ?? "" };
    const client = new AlchemiscaleClient({ url: urls.url, identifier: "alice", key: "a key" });
    const network = await client.createNetwork(networkChain, parseScope("org-campaign-project"));
    return new LiveApi({
      ...urls,
      network,
      transformations: await client.getNetworkTransformations(network),
      state,
      objects: join(directory, "objects"),
      store: (path, bytes) => objects.put(path, bytes),
      close: async () => {
        await server.close();
        await state.close();
        await objects.close();
        await rm(directory, { recursive: true, force: true });
      },
    });
  }

  private constructor(
    parts: Pick<LiveApi, "url" | "computeUrl" | "network" | "transformations" | "state" | "objects"> & {
      readonly store: (path: string, bytes: Uint8Array) => Promise<unknown>;
      readonly close: () => Promise<void>;
    },
  ) {
    this.url = parts.url;
    this.computeUrl = parts.computeUrl;
    this.network = parts.network;
    this.transformations = parts.transformations;
    this.state = parts.state;
    this.objects = parts.objects;
    this.#store = parts.store;
    this.#close = parts.close;
  }

  client(options: Partial<ClientOptions> = {}): AlchemiscaleClient {
    return new AlchemiscaleClient({ url: this.url, identifier: this.identifier, key: this.key, ...options });
  }

  /** Stores so many results of so many random bytes, the Transformations in turn; every `failing`th is a failure. */
  async storeResults(count: number, size: number, failing = Number.POSITIVE_INFINITY): Promise<StoredResult[]> {
    const stored: StoredResult[] = [];
    for (let i = 1; i <= count; i += 1) {
      const transformation = this.transformations[i % this.transformations.length] as ScopedKey;
      stored.push(await this.storeResult(transformation, randomBytes(size), i % failing !== 0));
    }
    return stored;
  }

  async storeResult(transformation: ScopedKey, bytes: Uint8Array, ok = true): Promise<StoredResult> {
    const [task] = await this.state.tasks.create([transformation], null, null, {});
    this.#stored += 1;
    const location = `results/${this.#stored}`;
    await this.#store(location, bytes);
    await this.state.results.report({
      task: task as ScopedKey,
      service: "a service",
      resultKey: `ProtocolDAGResult-${this.#stored.toString(16).padStart(32, "0")}`,
      ok,
      location,
      created: "2026-03-01T00:00:00.000001+00:00",
      failures: [],
      actor: {},
    });
    return { task: task as ScopedKey, transformation, ok, bytes };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
