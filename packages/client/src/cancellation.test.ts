/** Every method of the clients ends when its signal aborts: before anything is sent, and while an answer is waited for. */
import { parseComputeManagerId, parseComputeServiceId, parseScope, parseScopedKey } from "@alchemiscale/contract";
import { describe, expect, test } from "vitest";
import { AlchemiscaleClient, AlchemiscaleComputeClient, AlchemiscaleComputeManagerClient, type CallOptions } from "./index.ts";

const network = parseScopedKey("AlchemicalNetwork-aa-o-c-p");
const transformation = parseScopedKey("Transformation-bb-o-c-p");
const system = parseScopedKey("ChemicalSystem-cc-o-c-p");
const task = parseScopedKey("Task-dd-o-c-p");
const ref = parseScopedKey("ProtocolDAGResultRef-ee-o-c-p");
const scope = parseScope("o-c-p");
const service = parseComputeServiceId(`worker-${"0".repeat(32)}`);
const manager = parseComputeManagerId(`keeper-${"0".repeat(32)}`);
const claim = { service, count: 1 };

type Call<Client> = (client: Client, options: CallOptions) => PromiseLike<unknown>;
/** Null: asks nobody. */
type Calls<Client> = Readonly<Record<string, Call<Client> | null>>;

const first = (items: AsyncIterable<unknown>) => items[Symbol.asyncIterator]().next();

const user: Calls<AlchemiscaleClient> = {
  ping: (client, options) => client.ping(options),
  getInfo: (client, options) => client.getInfo(options),
  info: (client, options) => client.info(options),
  getScopes: (client, options) => client.getScopes(options),
  listScopes: (client, options) => client.listScopes(options),
  getScopedKey: null,
  checkExists: (client, options) => client.checkExists(network, options),
  exists: (client, options) => client.exists(network, options),
  createNetwork: (client, options) => client.createNetwork("[]", scope, options),
  getNetwork: (client, options) => client.getNetwork(network, options),
  getTransformation: (client, options) => client.getTransformation(transformation, options),
  getChemicalSystem: (client, options) => client.getChemicalSystem(system, options),
  queryNetworks: (client, options) => client.queryNetworks({ scope, ...options }),
  queryTransformations: (client, options) => client.queryTransformations({ scope, ...options }),
  queryChemicalSystems: (client, options) => client.queryChemicalSystems({ scope, ...options }),
  getNetworkTransformations: (client, options) => client.getNetworkTransformations(network, options),
  getNetworkChemicalSystems: (client, options) => client.getNetworkChemicalSystems(network, options),
  getTransformationNetworks: (client, options) => client.getTransformationNetworks(transformation, options),
  getTransformationChemicalSystems: (client, options) => client.getTransformationChemicalSystems(transformation, options),
  getChemicalSystemNetworks: (client, options) => client.getChemicalSystemNetworks(system, options),
  getChemicalSystemTransformations: (client, options) => client.getChemicalSystemTransformations(system, options),
  getNetworkState: (client, options) => client.getNetworkState(network, options),
  getNetworksState: (client, options) => client.getNetworksState([network], options),
  setNetworkState: (client, options) => client.setNetworkState(network, "active", options),
  setNetworksState: (client, options) => client.setNetworksState([network], ["active"], options),
  getNetworkWeight: (client, options) => client.getNetworkWeight(network, options),
  getNetworksWeight: (client, options) => client.getNetworksWeight([network], options),
  setNetworkWeight: (client, options) => client.setNetworkWeight(network, 0.5, options),
  setNetworksWeight: (client, options) => client.setNetworksWeight([network], [0.5], options),
  setNetworkStrategy: (client, options) => client.setNetworkStrategy(network, null, options),
  getNetworkStrategy: (client, options) => client.getNetworkStrategy(network, options),
  getNetworkStrategyState: (client, options) => client.getNetworkStrategyState(network, options),
  getNetworkStrategyStatus: (client, options) => client.getNetworkStrategyStatus(network, options),
  setNetworkStrategyAwake: (client, options) => client.setNetworkStrategyAwake(network, options),
  getStrategy: (client, options) => client.getStrategy(network, options),
  getStrategyText: (client, options) => client.getStrategyText(network, options),
  putStrategy: (client, options) => client.putStrategy(network, [{ strategy: "[]" }], options),
  changeStrategy: (client, options) => client.changeStrategy(network, options),
  strategyDecisions: (client, options) => client.strategyDecisions(network, options),
  createTasks: (client, options) => client.createTasks(transformation, options),
  createTransformationsTasks: (client, options) => client.createTransformationsTasks([transformation], options),
  queryTasks: (client, options) => client.queryTasks(options),
  getNetworkTasks: (client, options) => client.getNetworkTasks(network, options),
  getTaskNetworks: (client, options) => client.getTaskNetworks(task, options),
  getTransformationTasks: (client, options) => client.getTransformationTasks(transformation, options),
  getTransformationTaskGraph: (client, options) => client.getTransformationTaskGraph(transformation, options),
  getTaskTransformation: (client, options) => client.getTaskTransformation(task, options),
  actionTasks: (client, options) => client.actionTasks(network, [task], options),
  cancelTasks: (client, options) => client.cancelTasks(network, [task], options),
  getNetworkActionedTasks: (client, options) => client.getNetworkActionedTasks(network, options),
  getNetworksActionedTasks: (client, options) => client.getNetworksActionedTasks([network], options),
  getTaskActionedNetworks: (client, options) => client.getTaskActionedNetworks(task, options),
  getTasksStatus: (client, options) => client.getTasksStatus([task], options),
  setTasksStatus: (client, options) => client.setTasksStatus([task], "waiting", options),
  getTasksPriority: (client, options) => client.getTasksPriority([task], options),
  setTasksPriority: (client, options) => client.setTasksPriority([task], 1, options),
  getNetworkStatus: (client, options) => client.getNetworkStatus(network, options),
  getNetworksStatus: (client, options) => client.getNetworksStatus([network], options),
  getTransformationStatus: (client, options) => client.getTransformationStatus(transformation, options),
  getScopeStatus: (client, options) => client.getScopeStatus(scope, options),
  getTransformationResults: (client, options) => client.getTransformationResults(transformation, options),
  getTransformationFailures: (client, options) => first(client.getTransformationFailures(transformation, options)),
  getTaskResults: (client, options) => client.getTaskResults(task, options),
  getTaskFailures: (client, options) => first(client.getTaskFailures(task, options)),
  getNetworkResults: (client, options) => client.getNetworkResults(network, options),
  getNetworkFailures: (client, options) => first(client.getNetworkFailures(network, options)),
  getNetworkOutcomes: (client, options) => first(client.getNetworkOutcomes(network, options)),
  networkResults: (client, options) => client.networkResults(network, options).next(),
  getResult: (client, options) => client.getResult(transformation, ref, options),
  getResultUrl: (client, options) => client.getResultUrl(ref, options),
  getResultProvenance: (client, options) => client.getResultProvenance(ref, options),
  getResultFiles: (client, options) => client.getResultFiles(ref, options),
  getResultFile: (client, options) => client.getResultFile(ref, "a file", options),
  importResult: (client, options) => client.importResult(transformation, new Blob(["frame"]), options),
  getNetworkArchive: (client, options) => client.getNetworkArchive(network, { ...options, decompress: (bytes) => bytes }),
  getNetworkArchives: (client, options) => client.getNetworkArchives([network], { ...options, decompress: (bytes) => bytes }),
  getTaskFailuresWithoutResult: (client, options) => client.getTaskFailuresWithoutResult(task, options),
  getTransformationEstimate: (client, options) => client.getTransformationEstimate(transformation, options),
  getNetworkEstimates: (client, options) => client.getNetworkEstimates(network, options),
  getNetworkEstimatesTable: (client, options) => client.getNetworkEstimatesTable(network, "ligands", options),
  getNetworkCost: (client, options) => client.getNetworkCost(network, options),
  addTaskRestartPatterns: (client, options) => client.addTaskRestartPatterns(network, ["a"], 1, options),
  getTaskRestartPatterns: (client, options) => client.getTaskRestartPatterns(network, options),
  setTaskRestartPatternsAllowedRestarts: (client, options) =>
    client.setTaskRestartPatternsAllowedRestarts(network, ["a"], 1, options),
  removeTaskRestartPatterns: (client, options) => client.removeTaskRestartPatterns(network, ["a"], options),
  clearTaskRestartPatterns: (client, options) => client.clearTaskRestartPatterns(network, options),
  getNetworkEvents: (client, options) => client.getNetworkEvents(network, options),
  getTaskEvents: (client, options) => client.getTaskEvents(task, options),
  watchNetwork: (client, options) => client.watchNetwork(network, options).next(),
  watchTask: (client, options) => client.watchTask(task, options).next(),
};

const compute: Calls<AlchemiscaleComputeClient> = {
  ping: (client, options) => client.ping(options),
  getInfo: (client, options) => client.getInfo(options),
  listScopes: (client, options) => client.listScopes(options),
  register: (client, options) => client.register(service, null, options),
  deregister: (client, options) => client.deregister(service, options),
  heartbeat: (client, options) => client.heartbeat(service, options),
  queryTaskHubs: (client, options) => client.queryTaskHubs([scope], options),
  queryTaskHubContents: (client, options) => client.queryTaskHubContents([scope], options),
  claimTaskHubTasks: (client, options) => client.claimTaskHubTasks(parseScopedKey("TaskHub-ff-o-c-p"), claim, options),
  claim: (client, options) => client.claim(claim, options),
  claimWaiting: (client, options) => client.claimWaiting(claim, 1, options),
  getTaskTransformationKey: (client, options) => client.getTaskTransformationKey(task, options),
  getTaskTransformation: (client, options) => client.getTaskTransformation(task, options),
  postResult: (client, options) => client.postResult(task, { body: new Blob(["x"]), contentEncoding: "gzip" }, options),
  postResultWithProvenance: (client, options) =>
    client.postResultWithProvenance(task, { body: new Blob(["x"]), contentEncoding: "gzip" }, options),
  postFailure: (client, options) => client.postFailure(task, { service, exception: "x", traceback: "x" }, options),
};

const managers: Calls<AlchemiscaleComputeManagerClient> = {
  ping: (client, options) => client.ping(options),
  getInfo: (client, options) => client.getInfo(options),
  listScopes: (client, options) => client.listScopes(options),
  register: (client, options) => client.register(manager, options),
  deregister: (client, options) => client.deregister(manager, options),
  getInstruction: (client, options) => client.getInstruction(manager, options),
  updateStatus: (client, options) => client.updateStatus(manager, { status: "OK", saturation: 0 }, options),
  clearError: (client, options) => client.clearError("keeper", options),
};

/** A connection that never answers anything but logins. */
function connection(onCall: () => void) {
  return {
    url: "http://127.0.0.1:1",
    identifier: "alice",
    key: "a key",
    fetch: async (input: unknown, init?: RequestInit): Promise<Response> => {
      if (String(input).endsWith("/token")) return Response.json({ access_token: "t" });
      return new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
        onCall();
      });
    },
  };
}

function checks<Client>(
  name: string,
  make: (options: ReturnType<typeof connection>) => Client,
  calls: Calls<Client>,
  methods: readonly string[],
): void {
  describe(name, () => {
    test("is here with every method", () => {
      expect(Object.keys(calls).sort()).toEqual(methods.filter((method) => method !== "constructor").sort());
    });

    const named = Object.entries(calls).filter((entry): entry is [string, Call<Client>] => entry[1] !== null);
    test.each(named)("%s", async (_, call) => {
      const reason = new Error("enough");
      let sent = 0;
      const early = make(connection(() => (sent += 1)));
      const before = async () => call(early, { signal: AbortSignal.abort(reason) });
      await expect(before()).rejects.toBe(reason);
      expect(sent).toBe(0);
      const controller = new AbortController();
      const late = make(connection(() => controller.abort(reason)));
      const during = async () => call(late, { signal: controller.signal });
      await expect(during()).rejects.toBe(reason);
    });
  });
}

/** Those of its base class as well. */
const namesOf = (prototype: object) => [
  ...new Set([prototype, Object.getPrototypeOf(prototype) as object].flatMap(Object.getOwnPropertyNames)),
];
checks("AlchemiscaleClient", (options) => new AlchemiscaleClient(options), user, namesOf(AlchemiscaleClient.prototype));
checks(
  "AlchemiscaleComputeClient",
  (options) => new AlchemiscaleComputeClient(options),
  compute,
  namesOf(AlchemiscaleComputeClient.prototype),
);
checks(
  "AlchemiscaleComputeManagerClient",
  (options) => new AlchemiscaleComputeManagerClient(options),
  managers,
  namesOf(AlchemiscaleComputeManagerClient.prototype),
);
