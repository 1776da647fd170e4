import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlchemiscaleClient, AlchemiscaleComputeClient, noRetries } from "@alchemiscale/client";
import { nodeFetch } from "@alchemiscale/client/node";
import { type ComputeServiceId, parseComputeServiceId, parseScope, type Scope, type ScopedKey } from "@alchemiscale/contract";
import type { SyntheticNetwork } from "../networks/synthetic-network.ts";
import { type AlchemiscaleServer, addIdentities, startServer } from "./alchemiscale-server.ts";
import type { StateStores } from "./state-stores.ts";

/** A server on fresh stores, with clients. Their requests are not repeated: a figure must not hide a failure. */
export interface MeasuredSystem {
  readonly server: AlchemiscaleServer;
  readonly stateStoreUrl: string;
  readonly objectStoreUrl: string;
  readonly jwtSecret: string;
  /** Of the user client. */
  readonly identity: { readonly identifier: string; readonly key: string };
  readonly user: AlchemiscaleClient;
  readonly compute: AlchemiscaleComputeClient;
  /** For requests of the load generator. */
  readonly headers: { readonly user: Record<string, string>; readonly compute: Record<string, string> };
  close(): Promise<void>;
}

export interface SystemOptions {
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startSystem(stores: StateStores, options: SystemOptions = {}): Promise<MeasuredSystem> {
  const data = await mkdtemp(join(tmpdir(), "alchemiscale-bench-"));
  const stateStore = await stores.create(data);
  const objectStoreUrl = `file:${join(data, "objects")}`;
  const jwtSecret = randomUUID();
  const environment = {
    ...options.environment,
    ALCHEMISCALE_STATE_STORE_URL: stateStore.url,
    ALCHEMISCALE_OBJECT_STORE_URL: objectStoreUrl,
    JWT_SECRET_KEY: jwtSecret,
  };
  const identities = await addIdentities(data, environment);
  const server = await startServer({ data, environment, ...(options.nodeOptions && { nodeOptions: options.nodeOptions }) });
  const connection = { fetch: nodeFetch(), retries: noRetries };
  return {
    server,
    stateStoreUrl: stateStore.url,
    objectStoreUrl,
    jwtSecret,
    identity: identities.user,
    user: new AlchemiscaleClient({ url: server.userUrl, ...identities.user, ...connection }),
    compute: new AlchemiscaleComputeClient({ url: server.computeUrl, ...identities.compute, ...connection }),
    headers: {
      user: await authorization(server.userUrl, identities.user),
      compute: await authorization(server.computeUrl, identities.compute),
    },
    close: async () => {
      await server.stop();
      await stateStore.remove();
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function authorization(
  url: string,
  { identifier, key }: { identifier: string; key: string },
): Promise<Record<string, string>> {
  const body = new URLSearchParams({ username: identifier, password: key });
  const reply = await fetch(`${url}/token`, { method: "POST", body });
  const { access_token } = (await reply.json()) as { access_token: string };
  return { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
}

let scopes = 0;

/** A scope that nothing is in yet. */
export function freshScope(): Scope {
  scopes += 1;
  return parseScope(`bench-campaign-p${scopes}`);
}

/** Registers so many compute services. */
export async function registerServices(compute: AlchemiscaleComputeClient, count: number): Promise<ComputeServiceId[]> {
  const ids = Array.from({ length: count }, () => parseComputeServiceId(`bench-${randomUUID().replaceAll("-", "")}`));
  await Promise.all(ids.map((id) => compute.register(id)));
  return ids;
}

export interface ActionedHub {
  readonly scope: Scope;
  readonly network: ScopedKey;
  readonly hub: ScopedKey;
  readonly tasks: readonly ScopedKey[];
}

/** Most Tasks that one request creates or actions here. */
const batch = 50_000;

/** Submits a network into a fresh scope, creates so many Tasks (of equal weight and priority) on one Transformation, and actions the first of them. */
export async function actionedHub(
  system: MeasuredSystem,
  network: SyntheticNetwork,
  tasks: { readonly created: number; readonly actioned: number },
): Promise<ActionedHub> {
  const { user, server, headers } = system;
  const scope = freshScope();
  const key = await user.createNetwork(network.text, scope);
  const [transformation] = await user.getNetworkTransformations(key);
  if (transformation === undefined) throw new Error("the network has no Transformations");
  const made: ScopedKey[] = [];
  while (made.length < tasks.created) {
    made.push(...(await user.createTasks(transformation, { count: Math.min(batch, tasks.created - made.length) })));
  }
  for (let i = 0; i < tasks.actioned; i += batch) {
    const actioned = await user.actionTasks(key, made.slice(i, Math.min(i + batch, tasks.actioned)));
    if (actioned.includes(null)) throw new Error("a Task was not actioned");
  }
  const [, campaign, project] = scope.split("-");
  const query = `org=bench&campaign=${campaign}&project=${project}`;
  const hubs = await fetch(`${server.computeUrl}/taskhubs?${query}`, { headers: headers.compute });
  const [hub] = (await hubs.json()) as ScopedKey[];
  if (hub === undefined) throw new Error("the network has no hub");
  return { scope, network: key, hub, tasks: made };
}
