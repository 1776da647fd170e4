/** Every operation of the state store, under the name that the contract gives it. */
import type { StateStore } from "../state-store.ts";
import { claimAcrossHubs } from "./claims/claim-across-hubs.ts";
import { claimFromHub } from "./claims/claim-from-hub.ts";
import { claimHolder } from "./claims/claim-holder.ts";
import { eventsOfTask, latestEvent } from "./events/query-events.ts";
import { actionTasks } from "./hubs/action-tasks.ts";
import { actionedNetworks, actionedTasks } from "./hubs/actioned-tasks.ts";
import { cancelTasks } from "./hubs/cancel-tasks.ts";
import { queryHubs } from "./hubs/query-hubs.ts";
import { addScopes } from "./identities/add-scopes.ts";
import { getIdentity } from "./identities/get-identity.ts";
import { listIdentities } from "./identities/list-identities.ts";
import { listScopes } from "./identities/list-scopes.ts";
import { putIdentity } from "./identities/put-identity.ts";
import { removeIdentity } from "./identities/remove-identity.ts";
import { removeScopes } from "./identities/remove-scopes.ts";
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
import { findConflicts } from "./objects/find-conflicts.ts";
import { getChain } from "./objects/get-chain.ts";
import { objectExists } from "./objects/object-exists.ts";
import { type Operation, read, write } from "./operation.ts";
import { forExecution, getResult, resultsOfTask, resultsOfTransformation, tracebacks } from "./results/query-results.ts";
import { reportFailure } from "./results/report-failure.ts";
import { reportResult } from "./results/report-result.ts";
import { deregisterService } from "./services/deregister-service.ts";
import { expireServices } from "./services/expire-services.ts";
import { heartbeat } from "./services/heartbeat.ts";
import { getService, listServices } from "./services/list-services.ts";
import { registerService } from "./services/register-service.ts";
import { checkStore } from "./store/check-store.ts";
import { createTasks } from "./tasks/create-tasks.ts";
import { getPriorities } from "./tasks/get-priorities.ts";
import { getStatuses } from "./tasks/get-statuses.ts";
import { queryTasks } from "./tasks/query-tasks.ts";
import { setPriorities } from "./tasks/set-priorities.ts";
import { setStatuses } from "./tasks/set-statuses.ts";
import { networksOfTask, tasksOfNetwork } from "./tasks/tasks-of-network.ts";
import { tasksOfTransformation } from "./tasks/tasks-of-transformation.ts";
import { transformationOfTask } from "./tasks/transformation-of-task.ts";

/** For every method of a domain an operation with the same arguments and reply. */
type OperationsOf<Domain> = {
  readonly [Method in keyof Domain]: Domain[Method] extends (...args: infer A) => Promise<infer R> ? Operation<A, R> : never;
};
type Domains = Omit<StateStore, "description" | "check" | "close">;

export const operations: { readonly [Domain in keyof Domains]: OperationsOf<Domains[Domain]> } & {
  readonly store: { readonly check: Operation<[], void> };
} = {
  store: { check: write(checkStore) },
  identities: {
    put: write(putIdentity),
    get: read(getIdentity),
    list: read(listIdentities),
    remove: write(removeIdentity),
    addScopes: write(addScopes),
    removeScopes: write(removeScopes),
    listScopes: read(listScopes),
  },
  objects: { exists: read(objectExists), chain: read(getChain), conflicts: read(findConflicts) },
  networks: {
    submit: write(submitNetwork),
    query: read(queryNetworks),
    queryTransformations: read(queryTransformations),
    queryChemicalSystems: read(queryChemicalSystems),
    transformationsOf: read(transformationsOf),
    chemicalSystemsOf: read(chemicalSystemsOf),
    networksOfTransformation: read(networksOfTransformation),
    networksOfChemicalSystem: read(networksOfChemicalSystem),
    transformationsOfChemicalSystem: read(transformationsOfChemicalSystem),
    chemicalSystemsOfTransformation: read(chemicalSystemsOfTransformation),
    setStates: write(setStates),
    getStates: read(getStates),
    setWeights: write(setWeights),
    getWeights: read(getWeights),
    scopeStatus: read(scopeStatus),
    statuses: read(networkStatuses),
    transformationStatus: read(transformationStatus),
  },
  tasks: {
    create: write(createTasks),
    query: read(queryTasks),
    ofNetwork: read(tasksOfNetwork),
    networksOf: read(networksOfTask),
    ofTransformation: read(tasksOfTransformation),
    transformationOf: read(transformationOfTask),
    getStatuses: read(getStatuses),
    setStatuses: write(setStatuses),
    getPriorities: read(getPriorities),
    setPriorities: write(setPriorities),
  },
  hubs: {
    action: write(actionTasks),
    cancel: write(cancelTasks),
    actionedTasks: read(actionedTasks),
    actionedNetworks: read(actionedNetworks),
    query: read(queryHubs),
  },
  claims: { claimFromHub: write(claimFromHub), claim: write(claimAcrossHubs), holder: read(claimHolder) },
  services: {
    register: write(registerService),
    deregister: write(deregisterService),
    heartbeat: write(heartbeat),
    expire: write(expireServices),
    get: read(getService),
    list: read(listServices),
  },
  results: {
    report: write(reportResult),
    reportFailure: write(reportFailure),
    ofTask: read(resultsOfTask),
    ofTransformation: read(resultsOfTransformation),
    get: read(getResult),
    forExecution: read(forExecution),
    tracebacks: read(tracebacks),
  },
  events: { ofTask: read(eventsOfTask), latest: read(latestEvent) },
};

/** By the names that travelled in a message. */
export function operationOf(domain: string, method: string): Operation<unknown[], unknown> {
  const methods = (operations as Readonly<Record<string, Readonly<Record<string, Operation<never, unknown>>>>>)[domain];
  const operation = methods !== undefined && Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (operation === undefined) throw new Error(`the state store has no operation ${domain}.${method}`);
  return operation as Operation<unknown[], unknown>;
}
