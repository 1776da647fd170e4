/** Every operation of the state store, under the name that the contract gives it. */
import { claimAcrossHubs } from "./claims/claim-across-hubs.ts";
import { claimFromHub } from "./claims/claim-from-hub.ts";
import { claimHolder } from "./claims/claim-holder.ts";
import { heldClaims } from "./claims/held-claims.ts";
import { releaseClaims } from "./claims/release-claims.ts";
import { estimateBacklog } from "./estimates/estimate-backlog.ts";
import { forgetReadings } from "./estimates/forget-readings.ts";
import { networkInputs, staleNetworks } from "./estimates/network-inputs.ts";
import { setHardware } from "./estimates/set-hardware.ts";
import { staleTransformations } from "./estimates/stale-transformations.ts";
import { estimateOfTransformation, estimatesOfNetwork } from "./estimates/stored-estimates.ts";
import { transformationReadings } from "./estimates/transformation-readings.ts";
import { unreadResults } from "./estimates/unread-results.ts";
import { writeNetworkEdges, writeNetworkEstimates } from "./estimates/write-network.ts";
import { writeReadings } from "./estimates/write-readings.ts";
import { writeSummaries } from "./estimates/write-summaries.ts";
import { networksTouched } from "./events/networks-touched.ts";
import { eventsOfNetwork, eventsOfTask, eventsSince, latestEvent } from "./events/query-events.ts";
import { listFailures } from "./failures/list-failures.ts";
import { actionTasks } from "./hubs/action-tasks.ts";
import { actionedNetworks, actionedTasks } from "./hubs/actioned-tasks.ts";
import { cancelTasks } from "./hubs/cancel-tasks.ts";
import { queryHubs } from "./hubs/query-hubs.ts";
import { addIdentity } from "./identities/add-identity.ts";
import { addScopes } from "./identities/add-scopes.ts";
import { setDisabled, setExpires, setKey } from "./identities/change-identity.ts";
import { describeIdentities } from "./identities/describe-identities.ts";
import { getIdentity } from "./identities/get-identity.ts";
import { listChanges } from "./identities/list-changes.ts";
import { listIdentities } from "./identities/list-identities.ts";
import { listScopes } from "./identities/list-scopes.ts";
import { putIdentity } from "./identities/put-identity.ts";
import { removeIdentity } from "./identities/remove-identity.ts";
import { removeScopes } from "./identities/remove-scopes.ts";
import { clearManagerError } from "./managers/clear-manager-error.ts";
import { deregisterManager } from "./managers/deregister-manager.ts";
import { expireManagers } from "./managers/expire-managers.ts";
import { instructManager } from "./managers/instruct-manager.ts";
import { getManager, listManagers } from "./managers/list-managers.ts";
import { registerManager } from "./managers/register-manager.ts";
import { reportManager } from "./managers/report-manager.ts";
import { networkStatuses, scopeStatus, transformationStatus } from "./networks/count-statuses.ts";
import { getStates } from "./networks/get-states.ts";
import { getWeights } from "./networks/get-weights.ts";
import { queryChemicalSystems, queryTransformations } from "./networks/query-named.ts";
import { queryNetworks } from "./networks/query-networks.ts";
import {
  chemicalSystemsOf,
  chemicalSystemsOfTransformation,
  networksOfChemicalSystem,
  networksOfTransformation,
  transformationsOf,
  transformationsOfChemicalSystem,
} from "./networks/relations.ts";
import { setStates } from "./networks/set-states.ts";
import { setWeights } from "./networks/set-weights.ts";
import { submitNetwork } from "./networks/submit-network.ts";
import { getChain, getPackedChain } from "./objects/get-chain.ts";
import { objectExists } from "./objects/object-exists.ts";
import type { Domains } from "./operation-modes.ts";
import { beat } from "./processes/beat.ts";
import { leave } from "./processes/leave.ts";
import { listProcesses, liveness } from "./processes/list-processes.ts";
import { takeLease } from "./processes/take-lease.ts";
import { addPatterns } from "./restarts/add-patterns.ts";
import { getPatterns } from "./restarts/get-patterns.ts";
import { clearPatterns, removePatterns } from "./restarts/remove-patterns.ts";
import { setMaxRetries } from "./restarts/set-max-retries.ts";
import { failuresWithoutResult } from "./results/failures-without-result.ts";
import { importResult } from "./results/import-result.ts";
import { forExecution, getResult, resultsOfTask, resultsOfTransformation, tracebacks } from "./results/query-results.ts";
import { reportFailure } from "./results/report-failure.ts";
import { reportResult } from "./results/report-result.ts";
import { findResult, resultsOfNetwork } from "./results/results-of-network.ts";
import { partOfTransformation, resultWithKey } from "./results/results-of-transformation.ts";
import { deregisterService } from "./services/deregister-service.ts";
import { expireServices } from "./services/expire-services.ts";
import { heartbeat } from "./services/heartbeat.ts";
import { getService, listServices } from "./services/list-services.ts";
import { registerService } from "./services/register-service.ts";
import { checkStore } from "./store/check-store.ts";
import { resetStore } from "./store/reset-store.ts";
import { storeIntegrity } from "./store/store-integrity.ts";
import { storeSummary } from "./store/store-summary.ts";
import { applyIteration } from "./strategies/apply-iteration.ts";
import { blockStrategy } from "./strategies/block-strategy.ts";
import { changeStrategy } from "./strategies/change-strategy.ts";
import { describeStrategy } from "./strategies/describe-strategy.ts";
import { dueStrategies } from "./strategies/due-strategies.ts";
import { getStrategy } from "./strategies/get-strategy.ts";
import { listDecisions } from "./strategies/list-decisions.ts";
import { setStrategy } from "./strategies/set-strategy.ts";
import { strategyWork } from "./strategies/strategy-work.ts";
import { updateStrategyState } from "./strategies/update-strategy-state.ts";
import { wakeStrategy } from "./strategies/wake-strategy.ts";
import { countTasks } from "./tasks/count-tasks.ts";
import { createTasks } from "./tasks/create-tasks.ts";
import { getPriorities } from "./tasks/get-priorities.ts";
import { getStatuses } from "./tasks/get-statuses.ts";
import { queryTasks } from "./tasks/query-tasks.ts";
import { setPriorities } from "./tasks/set-priorities.ts";
import { setStatuses } from "./tasks/set-statuses.ts";
import { networksOfTask, tasksOfNetwork } from "./tasks/tasks-of-network.ts";
import { tasksOfTransformation } from "./tasks/tasks-of-transformation.ts";
import { transformationOfTask } from "./tasks/transformation-of-task.ts";
import type { Transaction } from "./transaction.ts";

/** An operation: one transaction, written once for both engines. What it reads is one snapshot of the store. */
export type Operation<A extends readonly unknown[], R> = (tx: Transaction, ...args: A) => Promise<R>;

/** For every method of a domain an operation with the same arguments and reply. */
type OperationsOf<Domain> = {
  readonly [Method in keyof Domain]: Domain[Method] extends (...args: infer A) => Promise<infer R> ? Operation<A, R> : never;
};

export const operations: { readonly [Domain in keyof Domains]: OperationsOf<Domains[Domain]> } = {
  store: { check: checkStore, summary: storeSummary, integrity: storeIntegrity, reset: resetStore },
  identities: {
    put: putIdentity,
    add: addIdentity,
    get: getIdentity,
    list: listIdentities,
    describe: describeIdentities,
    remove: removeIdentity,
    setKey,
    setDisabled,
    setExpires,
    changes: listChanges,
    addScopes,
    removeScopes,
    listScopes,
  },
  objects: { exists: objectExists, chain: getChain, packedChain: getPackedChain },
  networks: {
    submit: submitNetwork,
    query: queryNetworks,
    queryTransformations,
    queryChemicalSystems,
    transformationsOf,
    chemicalSystemsOf,
    networksOfTransformation,
    networksOfChemicalSystem,
    transformationsOfChemicalSystem,
    chemicalSystemsOfTransformation,
    setStates,
    getStates,
    setWeights,
    getWeights,
    scopeStatus,
    statuses: networkStatuses,
    transformationStatus,
  },
  tasks: {
    create: createTasks,
    count: countTasks,
    query: queryTasks,
    ofNetwork: tasksOfNetwork,
    networksOf: networksOfTask,
    ofTransformation: tasksOfTransformation,
    transformationOf: transformationOfTask,
    getStatuses,
    setStatuses,
    getPriorities,
    setPriorities,
  },
  hubs: {
    action: actionTasks,
    cancel: cancelTasks,
    actionedTasks,
    actionedNetworks,
    query: queryHubs,
  },
  claims: { claimFromHub, claim: claimAcrossHubs, holder: claimHolder, held: heldClaims, release: releaseClaims },
  services: {
    register: registerService,
    deregister: deregisterService,
    heartbeat,
    expire: expireServices,
    get: getService,
    list: listServices,
    failures: listFailures,
  },
  processes: { beat, leave, takeLease, list: listProcesses, liveness },
  results: {
    report: reportResult,
    reportFailure,
    import: importResult,
    ofTask: resultsOfTask,
    ofTransformation: resultsOfTransformation,
    withKey: resultWithKey,
    ofNetwork: resultsOfNetwork,
    partOfTransformation,
    get: getResult,
    find: findResult,
    forExecution,
    failuresWithoutResult,
    tracebacks,
  },
  estimates: {
    unread: unreadResults,
    writeReadings,
    staleTransformations,
    writeSummaries,
    staleNetworks,
    networkInputs,
    writeNetworkEdges,
    writeNetworkEstimates,
    ofTransformation: estimateOfTransformation,
    readings: transformationReadings,
    ofNetwork: estimatesOfNetwork,
    backlog: estimateBacklog,
    forget: forgetReadings,
    setHardware,
  },
  managers: {
    register: registerManager,
    deregister: deregisterManager,
    clearError: clearManagerError,
    report: reportManager,
    instruction: instructManager,
    expire: expireManagers,
    get: getManager,
    list: listManagers,
  },
  restarts: { add: addPatterns, remove: removePatterns, clear: clearPatterns, setMaxRetries, get: getPatterns },
  strategies: {
    set: setStrategy,
    get: getStrategy,
    describe: describeStrategy,
    change: changeStrategy,
    updateState: updateStrategyState,
    wake: wakeStrategy,
    due: dueStrategies,
    work: strategyWork,
    apply: applyIteration,
    block: blockStrategy,
    decisions: listDecisions,
  },
  events: { since: eventsSince, ofTask: eventsOfTask, ofNetwork: eventsOfNetwork, networksTouched, latest: latestEvent },
};

/** By the names that travelled in a message. */
export function operationOf(domain: string, method: string): Operation<unknown[], unknown> {
  const methods = (operations as Readonly<Record<string, Readonly<Record<string, Operation<never, unknown>>>>>)[domain];
  const operation = methods !== undefined && Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (operation === undefined) throw new Error(`the state store has no operation ${domain}.${method}`);
  return operation as Operation<unknown[], unknown>;
}
