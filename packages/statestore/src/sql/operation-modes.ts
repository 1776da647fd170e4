/**
 * The methods of the state store and whether they change it. Apart from the operations themselves, which only the threads of an engine
 * load: the thread that serves requests stays small.
 */
import type { StateStore } from "../state-store.ts";
import type { StoreOperations } from "../store-operations.ts";

/** `follow`: reads, and each statement sees what was committed before it, not before the first one. */
export type Mode = "read" | "follow" | "write";

export type Domains = Omit<StateStore, "description" | "check" | "watch" | "rest" | "close" | "store"> & {
  readonly store: StoreOperations & { check(): Promise<void> };
};

export const operationModes: { readonly [Domain in keyof Domains]: { readonly [Method in keyof Domains[Domain]]: Mode } } = {
  store: { check: "write", summary: "read", integrity: "read", reset: "write" },
  identities: {
    put: "write",
    add: "write",
    get: "read",
    list: "read",
    describe: "read",
    remove: "write",
    setKey: "write",
    setDisabled: "write",
    setExpires: "write",
    changes: "read",
    addScopes: "write",
    removeScopes: "write",
    listScopes: "read",
  },
  objects: { exists: "read", chain: "read", conflicts: "read" },
  networks: {
    submit: "write",
    query: "read",
    queryTransformations: "read",
    queryChemicalSystems: "read",
    transformationsOf: "read",
    chemicalSystemsOf: "read",
    networksOfTransformation: "read",
    networksOfChemicalSystem: "read",
    transformationsOfChemicalSystem: "read",
    chemicalSystemsOfTransformation: "read",
    setStates: "write",
    getStates: "read",
    setWeights: "write",
    getWeights: "read",
    scopeStatus: "read",
    statuses: "read",
    transformationStatus: "read",
  },
  tasks: {
    create: "write",
    count: "read",
    query: "read",
    ofNetwork: "read",
    networksOf: "read",
    ofTransformation: "read",
    transformationOf: "read",
    getStatuses: "read",
    setStatuses: "write",
    getPriorities: "read",
    setPriorities: "write",
  },
  hubs: { action: "write", cancel: "write", actionedTasks: "read", actionedNetworks: "read", query: "read" },
  claims: { claimFromHub: "write", claim: "write", holder: "read", held: "read", release: "write" },
  services: {
    register: "write",
    deregister: "write",
    heartbeat: "write",
    expire: "write",
    get: "read",
    list: "read",
    failures: "read",
  },
  processes: { beat: "write", leave: "write", takeLease: "write", list: "read", liveness: "read" },
  managers: {
    register: "write",
    deregister: "write",
    clearError: "write",
    report: "write",
    instruction: "read",
    expire: "write",
    get: "read",
    list: "read",
  },
  results: {
    report: "write",
    reportFailure: "write",
    import: "write",
    ofTask: "read",
    ofTransformation: "read",
    withKey: "read",
    ofNetwork: "follow",
    partOfTransformation: "follow",
    get: "read",
    find: "read",
    forExecution: "read",
    tracebacks: "read",
  },
  estimates: {
    unread: "read",
    writeReadings: "write",
    staleTransformations: "read",
    writeSummaries: "write",
    staleNetworks: "read",
    networkInputs: "follow",
    writeNetworkEdges: "write",
    writeNetworkEstimates: "write",
    ofTransformation: "read",
    ofNetwork: "read",
    backlog: "read",
    forget: "write",
    setHardware: "write",
  },
  restarts: { add: "write", remove: "write", clear: "write", setMaxRetries: "write", get: "read" },
  strategies: { set: "write", get: "read", updateState: "write", wake: "write", due: "read" },
  events: { since: "follow", ofTask: "follow", ofNetwork: "follow", networksTouched: "read", latest: "follow" },
};
