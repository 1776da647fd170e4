/** Which call of ours says what a recorded request says. */
import { gzipSync } from "node:zlib";
import {
  computeRoutes,
  parseComputeManagerId,
  parseComputeServiceId,
  parseScope,
  parseScopedKey,
  type Route,
  type Scope,
  type ScopedKey,
  scopedKeyFromJson,
  scopeFromJson,
  scopeFromParts,
  type TaskStatus,
  type UserTaskStatus,
  userRoutes,
} from "@alchemiscale/contract";
import { scanMembers } from "@alchemiscale/gufe";
import type { Step } from "../../../../scripts/recorded-scenarios/scenario.ts";
import type { AlchemiscaleClient, AlchemiscaleComputeClient, AlchemiscaleComputeManagerClient } from "../../src/index.ts";
import { bodyText } from "./filled-scenario.ts";

export interface Clients {
  readonly user: AlchemiscaleClient;
  readonly compute: AlchemiscaleComputeClient;
  readonly manager: AlchemiscaleComputeManagerClient;
}

/** The parts of a request. `text` is the body as it was sent. */
interface Parts {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: recorded JSON of any shape; a call that it does not fit is not made
  readonly body: any;
  readonly text: string;
}

type Call = (clients: Clients, parts: Parts) => PromiseLike<unknown>;

const keys = (list: readonly string[]): ScopedKey[] => list.map(parseScopedKey);
const tasksOf = ({ body }: Parts): ScopedKey[] => body.tasks.map(scopedKeyFromJson);
const networkOf = ({ path }: Parts): ScopedKey => parseScopedKey(path.network ?? "");
const transformationOf = ({ path }: Parts): ScopedKey => parseScopedKey(path.transformation ?? "");
const systemOf = ({ path }: Parts): ScopedKey => parseScopedKey(path.chemicalsystem ?? "");
const taskOf = ({ path }: Parts): ScopedKey => parseScopedKey(path.task ?? "");
const serviceOf = ({ path }: Parts) => parseComputeServiceId(path.service ?? "");
const managerOf = ({ path }: Parts) => parseComputeManagerId(path.manager ?? "");
const scopesOf = (list: readonly unknown[] | null | undefined): Scope[] => (list ?? []).map(scopeFromJson);
const state = ({ query }: Parts) => ({ state: query.state ?? null });
const status = ({ query }: Parts) => ({ status: query.status as TaskStatus | undefined });

function scopeAndName({ query }: Parts): { scope?: Scope; name?: string | undefined } {
  const { org, campaign, project, name } = query;
  return { name, scope: scopeFromParts({ org, campaign, project }) };
}

function memberText(text: string, name: string): string {
  return scanMembers(text).get(name) ?? "null";
}

/** By the names that the contract gives the routes. */
export const userCalls: Readonly<Record<string, Call>> = {
  ping: ({ user }) => user.ping(),
  info: ({ user }) => user.getInfo(),
  identityScopes: ({ user }) => user.getScopes(),
  exists: ({ user }, { path }) => user.checkExists(parseScopedKey(path.key ?? "")),
  submitNetwork: ({ user }, { body, text }) =>
    user.createNetwork(memberText(text, "network"), scopeFromJson(body.scope), { state: body.state }),
  queryNetworks: ({ user }, parts) => user.queryNetworks({ ...scopeAndName(parts), ...state(parts) }),
  queryTransformations: ({ user }, parts) => user.queryTransformations(scopeAndName(parts)),
  queryChemicalSystems: ({ user }, parts) => user.queryChemicalSystems(scopeAndName(parts)),
  queryTasks: ({ user }, parts) => user.queryTasks({ ...scopeAndName(parts), ...status(parts) }),
  network: ({ user }, parts) => user.getNetwork(networkOf(parts)),
  transformation: ({ user }, parts) => user.getTransformation(transformationOf(parts)),
  chemicalSystem: ({ user }, parts) => user.getChemicalSystem(systemOf(parts)),
  networkTransformations: ({ user }, parts) => user.getNetworkTransformations(networkOf(parts)),
  networkChemicalSystems: ({ user }, parts) => user.getNetworkChemicalSystems(networkOf(parts)),
  transformationNetworks: ({ user }, parts) => user.getTransformationNetworks(transformationOf(parts)),
  transformationChemicalSystems: ({ user }, parts) => user.getTransformationChemicalSystems(transformationOf(parts)),
  chemicalSystemNetworks: ({ user }, parts) => user.getChemicalSystemNetworks(systemOf(parts)),
  chemicalSystemTransformations: ({ user }, parts) => user.getChemicalSystemTransformations(systemOf(parts)),
  taskNetworks: ({ user }, parts) => user.getTaskNetworks(taskOf(parts)),
  setNetworkStates: ({ user }, { body }) => user.setNetworksState(keys(body.networks), body.states),
  getNetworkStates: ({ user }, { body }) => user.getNetworksState(keys(body.networks)),
  getNetworkWeight: ({ user }, parts) => user.getNetworkWeight(networkOf(parts)),
  setNetworkWeight: ({ user }, parts) => user.setNetworkWeight(networkOf(parts), parts.body),
  getNetworkWeights: ({ user }, { body }) => user.getNetworksWeight(keys(body.networks)),
  setNetworkWeights: ({ user }, { body }) => user.setNetworksWeight(keys(body.networks), body.weights),
  scopeStatus: ({ user }, { path, query }) =>
    user.getScopeStatus(parseScope(path.scope ?? ""), { networkState: query.network_state ?? null }),
  networkStatus: ({ user }, parts) => user.getNetworkStatus(networkOf(parts)),
  networkStatuses: ({ user }, { body }) => user.getNetworksStatus(keys(body.networks)),
  transformationStatus: ({ user }, parts) => user.getTransformationStatus(transformationOf(parts)),
  networkTasks: ({ user }, parts) => user.getNetworkTasks(networkOf(parts), status(parts)),
  transformationTasks: ({ user }, parts) => {
    const extended = parts.query.extends === undefined ? {} : { extends: parseScopedKey(parts.query.extends) };
    const options = { ...status(parts), ...extended };
    return parts.query.return_as === "graph"
      ? user.getTransformationTaskGraph(transformationOf(parts), options)
      : user.getTransformationTasks(transformationOf(parts), options);
  },
  createTransformationTasks: ({ user }, parts) =>
    user.createTasks(transformationOf(parts), {
      count: parts.body.count,
      extends: parts.body.extends == null ? null : scopedKeyFromJson(parts.body.extends),
    }),
  createTasks: ({ user }, { body }) =>
    user.createTransformationsTasks(keys(body.transformations), {
      extends: body.extends?.map((key: string | null) => (key === null ? null : parseScopedKey(key))),
    }),
  taskTransformation: ({ user }, parts) => user.getTaskTransformation(taskOf(parts)),
  getTaskStatuses: ({ user }, parts) => user.getTasksStatus(tasksOf(parts)),
  setTaskStatuses: ({ user }, parts) => user.setTasksStatus(tasksOf(parts), parts.body.status as UserTaskStatus),
  getTaskPriorities: ({ user }, parts) => user.getTasksPriority(tasksOf(parts)),
  setTaskPriorities: ({ user }, parts) =>
    user.setTasksPriority(tasksOf(parts), BigInt(/"priority": ?(-?\d+)/.exec(parts.text)?.[1] ?? "none")),
  actionTasks: ({ user }, parts) => user.actionTasks(networkOf(parts), tasksOf(parts), { weight: parts.body.weight }),
  cancelTasks: ({ user }, parts) => user.cancelTasks(networkOf(parts), tasksOf(parts)),
  networkActionedTasks: ({ user }, parts) => user.getNetworkActionedTasks(networkOf(parts)),
  networksActionedTasks: ({ user }, { body }) => user.getNetworksActionedTasks(keys(body.networks)),
  taskActionedNetworks: ({ user }, parts) => user.getTaskActionedNetworks(taskOf(parts)),
  transformationResults: ({ user }, parts) => user.getTransformationResults(transformationOf(parts)),
  transformationFailures: ({ user }, parts) => user.getTransformationFailures(transformationOf(parts)),
  taskResults: ({ user }, parts) => user.getTaskResults(taskOf(parts)),
  taskFailures: ({ user }, parts) => user.getTaskFailures(taskOf(parts)),
  result: ({ user }, parts) =>
    user.getResult(transformationOf(parts), parseScopedKey(parts.path.ref ?? ""), {
      route: parts.path.route as "results" | "failures",
    }),
  addRestartPatterns: ({ user }, parts) =>
    user.addTaskRestartPatterns(networkOf(parts), parts.body.patterns, parts.body.num_allowed_restarts),
  removeRestartPatterns: ({ user }, parts) => user.removeTaskRestartPatterns(networkOf(parts), parts.body.patterns),
  clearRestartPatterns: ({ user }, parts) => user.clearTaskRestartPatterns(networkOf(parts)),
  setMaxRetries: ({ user }, parts) =>
    user.setTaskRestartPatternsAllowedRestarts(networkOf(parts), parts.body.patterns, parts.body.max_retries),
  getRestartPatterns: ({ user }, { body }) => user.getTaskRestartPatterns(parseScopedKey(body.networks[0])),
  setStrategy: ({ user }, parts) => {
    const { strategy, max_tasks_per_transformation, task_scaling, mode, sleep_interval } = parts.body;
    return user.setNetworkStrategy(networkOf(parts), strategy === null ? null : memberText(parts.text, "strategy"), {
      maxTasksPerTransformation: max_tasks_per_transformation,
      taskScaling: task_scaling,
      mode,
      sleepInterval: sleep_interval,
    });
  },
  strategy: ({ user }, parts) => user.getNetworkStrategy(networkOf(parts)),
  strategyState: ({ user }, parts) => user.getNetworkStrategyState(networkOf(parts)),
  strategyStatus: ({ user }, parts) => user.getNetworkStrategyStatus(networkOf(parts)),
  wakeStrategy: ({ user }, parts) => user.setNetworkStrategyAwake(networkOf(parts)),
};

export const computeCalls: Readonly<Record<string, Call>> = {
  ping: ({ compute }) => compute.ping(),
  info: ({ compute }) => compute.getInfo(),
  identityScopes: ({ compute }) => compute.listScopes(),
  registerService: ({ compute }, parts) => {
    const { compute_manager_id: manager } = parts.body;
    return compute.register(serviceOf(parts), manager == null ? null : parseComputeManagerId(manager));
  },
  deregisterService: ({ compute }, parts) => compute.deregister(serviceOf(parts)),
  heartbeat: ({ compute }, parts) => compute.heartbeat(serviceOf(parts)),
  queryTaskHubs: ({ compute }, { query }) => {
    const scope = scopeFromParts({ org: query.org, campaign: query.campaign, project: query.project });
    return query.return_gufe?.toLowerCase() === "true" ? compute.queryTaskHubContents([scope]) : compute.queryTaskHubs([scope]);
  },
  claimHubTasks: ({ compute }, { path, body }) =>
    compute.claimTaskHubTasks(parseScopedKey(path.hub ?? ""), {
      service: parseComputeServiceId(body.compute_service_id),
      count: body.count,
      protocols: body.protocols,
    }),
  claim: ({ compute }, { body }) =>
    compute.claim({
      service: parseComputeServiceId(body.compute_service_id),
      count: body.count,
      scopes: scopesOf(body.scopes),
      scopesExclude: scopesOf(body.scopes_exclude),
      protocols: body.protocols,
    }),
  taskTransformation: ({ compute }, parts) => compute.getTaskTransformationKey(taskOf(parts)),
  taskTransformationContent: ({ compute }, parts) => compute.getTaskTransformation(taskOf(parts)),
  postResult: ({ compute }, parts) => {
    const body = new Blob([new Uint8Array(gzipSync(parts.text, { level: 1 }))]);
    return compute.postResult(taskOf(parts), { body, contentEncoding: "gzip" });
  },
  registerManager: ({ manager }, parts) => manager.register(managerOf(parts), { steal: parts.body.steal }),
  deregisterManager: ({ manager }, parts) => manager.deregister(managerOf(parts)),
  managerInstruction: ({ manager }, parts) =>
    manager.getInstruction(managerOf(parts), { scopes: scopesOf(parts.body.scopes), protocols: parts.body.protocols }),
  managerStatus: ({ manager }, parts) => {
    const { status: word, detail, saturation } = parts.body;
    if (word === "OK" && detail == null) return manager.updateStatus(managerOf(parts), { status: word, saturation });
    if (word === "ERROR" && saturation == null) return manager.updateStatus(managerOf(parts), { status: word, detail });
    throw new TypeError("not a report that the types allow");
  },
  clearManagerError: ({ manager }, { path }) => manager.clearError(path.name ?? ""),
};

const tables = {
  user: { routes: userRoutes as Readonly<Record<string, Route>>, calls: userCalls },
  compute: { routes: computeRoutes as Readonly<Record<string, Route>>, calls: computeCalls },
};

export interface RecordedCall {
  /** The route's name in the contract, after that of the API. */
  readonly name: string;
  make(clients: Clients): PromiseLike<unknown>;
}

/** Undefined where no method of ours asks that. */
export function callFor({ api, request }: Step): RecordedCall | undefined {
  const { routes, calls } = tables[api];
  for (const [name, route] of Object.entries(routes)) {
    const call = calls[name];
    const path = route.method === request.method ? matched(route.path, request.path) : undefined;
    if (path === undefined || call === undefined) continue;
    const text = bodyText(request) ?? "";
    const query = Object.fromEntries(new URLSearchParams(request.query));
    return { name: `${api}.${name}`, make: (clients) => call(clients, { path, query, text, body: parsed(text) }) };
  }
  return undefined;
}

function matched(pattern: string, path: string): Record<string, string> | undefined {
  const source = pattern.replace(/:([A-Za-z]+)/g, "(?<$1>[^/]+)");
  const match = new RegExp(`^${source}$`).exec(path);
  return match === null ? undefined : { ...match.groups };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
