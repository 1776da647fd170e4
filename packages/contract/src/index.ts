/** What crosses a wire: scopes, keys, ids, statuses, and every route declared once. Pure and browser-safe. */
export { InvalidComputeId } from "./compute-id.ts";
export {
  type ComputeManagerId,
  computeManagerName,
  computeManagerUuid,
  isComputeManagerName,
  parseComputeManagerId,
} from "./compute-manager-id.ts";
export { type ComputeServiceId, hasDashedUuid, isStrictComputeServiceId, parseComputeServiceId } from "./compute-service-id.ts";
export { csv } from "./csv.ts";
export { type OpenApiOptions, openApiDocument } from "./open-api.ts";
export {
  type Api,
  type BodyKind,
  type BodyOf,
  type Method,
  type ParamsOf,
  type Permission,
  type QueryOf,
  type ReplyOf,
  type Route,
  routePath,
} from "./route.ts";
export { adminRoutes, computeRoutes, userRoutes } from "./routes/index.ts";
export {
  csvMedia,
  isNetworkCost,
  isNetworkEstimates,
  isTransformationEstimate,
  NetworkCost,
  NetworkEstimates,
  TransformationEstimate,
} from "./routes/v1-estimates.ts";
export { isProvenance, keptFileMedia, Provenance } from "./routes/v1-result-companions.ts";
export { resultLinesMedia, resultStreamMedia, storedResultMedia } from "./routes/v1-results.ts";
export { claimNewsMedia } from "./routes/v1-service-claims.ts";
export {
  isStrategyDecisions,
  isStrategyDescription,
  StackMemberRules,
  StackSettings,
  type StrategyDecision,
  type StrategyDecisions,
  type StrategyDescription,
} from "./routes/v1-strategies.ts";
export {
  InvalidScope,
  isSpecific,
  parseScope,
  type Scope,
  type ScopeParts,
  scopeFromJson,
  scopeFromParts,
  scopeParts,
} from "./scope.ts";
export { covers, grants, intersect, intersectAll, minimize } from "./scope-algebra.ts";
export {
  gufeKeyOf,
  InvalidScopedKey,
  parseScopedKey,
  qualnameOf,
  type ScopedKey,
  type ScopedKeyParts,
  scopedKey,
  scopedKeyFromJson,
  scopedKeyParts,
  scopeOf,
} from "./scoped-key.ts";
export {
  type ComputeManagerStatus,
  computeManagerStatuses,
  type IdentityType,
  identityTypes,
  isNetworkState,
  isTaskStatus,
  isUserTaskStatus,
  type NetworkState,
  networkStates,
  type StackCombination,
  type StackRole,
  type StackUntil,
  type StrategyMode,
  type StrategyStatus,
  stackCombinations,
  stackRoles,
  stackUntils,
  strategyModes,
  strategyStatuses,
  type TaskScaling,
  type TaskStatus,
  taskScalings,
  taskStatuses,
  type UserTaskStatus,
  userTaskStatuses,
} from "./statuses.ts";
export type { WireType } from "./wire-types.ts";
