/** Every route of the user API and who answers it. */
import type { userRoutes } from "@alchemiscale/contract";
import { adminHandlers } from "../admin/handlers.ts";
import { check } from "../service/check.ts";
import { userScopes } from "../service/identity-scopes.ts";
import { info, userPing } from "../service/ping.ts";
import { token } from "../service/token.ts";
import type { Handlers } from "../transport/handler.ts";
import { docsFile, docsPage } from "../v1/documentation/docs-page.ts";
import { openApi } from "../v1/documentation/open-api.ts";
import { networkCost } from "../v1/estimates/network-cost.ts";
import { networkEstimates } from "../v1/estimates/network-estimates.ts";
import { transformationEstimate } from "../v1/estimates/transformation-estimate.ts";
import { networkEvents, taskEvents } from "../v1/events/events.ts";
import { failuresWithoutResult } from "../v1/results/failures-without-result.ts";
import { importResult } from "../v1/results/import-result.ts";
import { networkResults, transformationResultStream } from "../v1/results/network-results.ts";
import { keptFile, keptFiles, provenance } from "../v1/results/result-companions.ts";
import { resultUrl, storedResult } from "../v1/results/stored-result.ts";
import { changeStrategy, deleteStrategy, putStrategy } from "../v1/strategies/put-strategy.ts";
import { strategyDecisions } from "../v1/strategies/strategy-decisions.ts";
import { strategyDescription } from "../v1/strategies/strategy-description.ts";
import { actionTasks, cancelTasks } from "./hubs/action-tasks.ts";
import { networkActionedTasks, networksActionedTasks, taskActionedNetworks } from "./hubs/actioned.ts";
import { getNetworkStates, setNetworkStates } from "./networks/network-states.ts";
import { getNetworkWeight, getNetworkWeights, setNetworkWeight, setNetworkWeights } from "./networks/network-weights.ts";
import { queryChemicalSystems, queryNetworks, queryTransformations } from "./networks/query-networks.ts";
import {
  chemicalSystemNetworks,
  chemicalSystemTransformations,
  networkChemicalSystems,
  networkTransformations,
  taskNetworks,
  transformationChemicalSystems,
  transformationNetworks,
} from "./networks/relations.ts";
import { networkStatus, networkStatuses, scopeStatus, transformationStatus } from "./networks/status-counts.ts";
import { chemicalSystem, exists, network, transformation } from "./networks/stored-objects.ts";
import { submitNetwork } from "./networks/submit-network.ts";
import {
  addRestartPatterns,
  clearRestartPatterns,
  getRestartPatterns,
  removeRestartPatterns,
  setMaxRetries,
} from "./restarts/restart-patterns.ts";
import { result } from "./results/result-bytes.ts";
import { taskFailures, taskResults, transformationFailures, transformationResults } from "./results/result-references.ts";
import { setStrategy } from "./strategies/set-strategy.ts";
import { strategy, strategyState, strategyStatus, wakeStrategy } from "./strategies/strategy-state.ts";
import { createTasks, createTransformationTasks } from "./tasks/create-tasks.ts";
import { networkTasks, queryTasks, taskTransformation, transformationTasks } from "./tasks/query-tasks.ts";
import { getTaskPriorities, setTaskPriorities } from "./tasks/task-priorities.ts";
import { getTaskStatus, getTaskStatuses, setTaskStatus, setTaskStatuses } from "./tasks/task-statuses.ts";

export const userHandlers: Handlers<typeof userRoutes> = {
  ping: userPing,
  token,
  info,
  check,
  identityScopes: userScopes,
  exists,
  submitNetwork,
  queryNetworks,
  queryTransformations,
  queryChemicalSystems,
  network,
  transformation,
  chemicalSystem,
  networkTransformations,
  networkChemicalSystems,
  transformationNetworks,
  transformationChemicalSystems,
  chemicalSystemNetworks,
  chemicalSystemTransformations,
  taskNetworks,
  setNetworkStates,
  getNetworkStates,
  getNetworkWeight,
  setNetworkWeight,
  getNetworkWeights,
  setNetworkWeights,
  scopeStatus,
  networkStatus,
  networkStatuses,
  transformationStatus,
  queryTasks,
  networkTasks,
  transformationTasks,
  createTransformationTasks,
  createTasks,
  taskTransformation,
  getTaskStatus,
  setTaskStatus,
  getTaskStatuses,
  setTaskStatuses,
  getTaskPriorities,
  setTaskPriorities,
  actionTasks,
  cancelTasks,
  networkActionedTasks,
  networksActionedTasks,
  taskActionedNetworks,
  transformationResults,
  transformationFailures,
  taskResults,
  taskFailures,
  result,
  addRestartPatterns,
  removeRestartPatterns,
  clearRestartPatterns,
  setMaxRetries,
  getRestartPatterns,
  setStrategy,
  strategy,
  strategyState,
  strategyStatus,
  wakeStrategy,
  networkResults,
  transformationResultStream,
  importResult,
  failuresWithoutResult,
  storedResult,
  provenance,
  keptFiles,
  keptFile,
  resultUrl,
  networkCost,
  networkEstimates,
  transformationEstimate,
  taskEvents,
  networkEvents,
  strategyDescription,
  putStrategy,
  deleteStrategy,
  changeStrategy,
  strategyDecisions,
  openApi,
  docsPage,
  docsFile,
  ...adminHandlers,
};
