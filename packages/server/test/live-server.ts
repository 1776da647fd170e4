/** A server in the process of the test, with its stores at hand: for what is awkward to bring about over HTTP alone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ComputeServiceId, parseScope, type ScopedKey } from "@alchemiscale/contract";
import { type ObjectStore, openObjectStore, resultPath } from "@alchemiscale/objectstore";
import { openStateStore, type StateStore } from "@alchemiscale/statestore";
import { pino } from "pino";
import { createServer, type Gatherer, hashKey, type Server, type ServerLimits } from "../src/index.ts";
import { login, smallNetwork } from "./session.ts";

export interface LiveServerOptions {
  /** A directory of its own unless told. */
  readonly stateUrl?: string;
  readonly objectUrl?: string;
  readonly limits?: Partial<ServerLimits>;
  readonly tokenSeconds?: number;
  readonly gatherer?: Gatherer;
}

export class LiveServer {
  readonly server: Server;
  readonly state: StateStore;
  readonly objects: ObjectStore;
  readonly user: string;
  readonly compute: string;
  readonly directory: string;
  #tokens = { user: "", compute: "" };
  #services = 0;

  private constructor(server: Server, state: StateStore, objects: ObjectStore, directory: string) {
    this.server = server;
    this.state = state;
    this.objects = objects;
    this.user = server.userAddress ?? "";
    this.compute = server.computeAddress ?? "";
    this.directory = directory;
  }

  static async start(options: LiveServerOptions = {}): Promise<LiveServer> {
    const directory = await mkdtemp(join(tmpdir(), "alchemiscale-live-"));
    const state = await openStateStore(options.stateUrl ?? `sqlite:${join(directory, "state.sqlite")}`);
    const objects = await openObjectStore(options.objectUrl ?? `file:${join(directory, "objects")}`);
    const server = createServer({
      stateStore: state,
      objectStore: objects,
      jwtSecret: "a secret for tests of /v1 only",
      ...(options.tokenSeconds !== undefined && { jwtExpireSeconds: options.tokenSeconds }),
      ...(options.gatherer !== undefined && { gatherer: options.gatherer }),
      limits: { graceSeconds: 5, ...options.limits },
      logger: pino({ level: process.env.LOG_LEVEL ?? "silent" }),
      bindings: { user: { host: "127.0.0.1", port: 0 }, compute: { host: "127.0.0.1", port: 0 } },
    });
    await server.listen();
    const live = new LiveServer(server, state, objects, directory);
    await live.identity("user", "alice", ["*-*-*"]);
    await live.identity("compute", "worker", ["*-*-*"]);
    await live.login();
    return live;
  }

  async login(): Promise<void> {
    this.#tokens = {
      user: await login(this.user, "alice", "alice's key"),
      compute: await login(this.compute, "worker", "worker's key"),
    };
  }

  get stateUrl(): string {
    return `sqlite:${join(this.directory, "state.sqlite")}`;
  }

  async stop(): Promise<void> {
    await this.server.close();
    await this.state.close();
    await this.objects.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** A token of another identity; its key is `<name>'s key`. */
  async identity(type: "user" | "compute", name: string, scopes: readonly string[]): Promise<void> {
    await this.state.identities.put(type, name, await hashKey(`${name}'s key`));
    await this.state.identities.addScopes(type, name, scopes.map(parseScope));
  }

  token(api: "user" | "compute"): string {
    return this.#tokens[api];
  }

  get(path: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
    return fetch(`${this.user}${path}`, {
      headers: { authorization: `Bearer ${this.#tokens.user}`, ...headers },
      ...(signal !== undefined && { signal }),
    });
  }

  post(api: "user" | "compute", path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
    return fetch(`${this[api]}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#tokens[api]}`, "content-type": "application/json" },
      body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
      ...(signal !== undefined && { signal }),
    });
  }

  async network(): Promise<{ readonly network: ScopedKey; readonly hub: ScopedKey; readonly transformation: ScopedKey }> {
    const reply = await this.post("user", "/networks", smallNetwork());
    if (!reply.ok) throw new Error(await reply.text());
    const { gufe_key, org, campaign, project } = (await reply.json()) as Record<string, string>;
    const network = `${gufe_key}-${org}-${campaign}-${project}` as ScopedKey;
    const [transformation] = await this.state.networks.transformationsOf(network);
    const hubs = await this.state.hubs.query({ scopes: [parseScope("*-*-*")] });
    const hub = hubs.find((entry) => entry.network === network)?.hub;
    if (transformation === undefined || hub === undefined) throw new Error("the network has a Transformation and a hub");
    return { network, hub, transformation };
  }

  async tasks(transformation: ScopedKey, count: number): Promise<ScopedKey[]> {
    return this.state.tasks.create(Array<ScopedKey>(count).fill(transformation), null, "alice", { identity: "alice" });
  }

  async service(): Promise<ComputeServiceId> {
    this.#services += 1;
    const service = `svc-${this.#services.toString(16).padStart(32, "0")}` as ComputeServiceId;
    await this.state.services.register(service, { managerName: null, sentManagerKey: true, identity: "worker" });
    return service;
  }

  /** A result of a Task with these bytes; without them its object is missing. */
  async result(task: ScopedKey, transformation: ScopedKey, bytes: Uint8Array | null, ok = true): Promise<ScopedKey> {
    const resultKey = `ProtocolDAGResult-${resultToken(task)}`;
    const [, , org = "", campaign = "", project = ""] = transformation.split("-");
    const transformationKey = transformation.split("-").slice(0, 2).join("-");
    const location = resultPath({ org, campaign, project, transformationKey, ok, resultKey });
    if (bytes !== null) await this.objects.put(location, bytes);
    return this.state.results.report({
      task,
      service: "svc",
      resultKey,
      ok,
      location,
      created: new Date().toISOString().replace("Z", "000+00:00"),
      failures: ok ? [] : [{ sourceKey: "Unit-1", failureKey: "ProtocolUnitFailure-1", traceback: "boom" }],
      actor: {},
    });
  }
}

/** 32 hex digits of a Task's own. */
function resultToken(task: ScopedKey): string {
  return (
    task
      .split("-")[1]
      ?.toLowerCase()
      .replace(/[^0-9a-f]/g, "")
      .padEnd(32, "0")
      .slice(0, 32) ?? ""
  );
}
