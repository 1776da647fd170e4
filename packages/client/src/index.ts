/** Clients of the user and compute APIs over `fetch`. Browser-safe; what needs Node is behind `@alchemiscale/client/node`. */
export {
  AlchemiscaleAdminClient,
  type IdentityChange,
  type IdentityFacts,
  type NewIdentity,
  type RegisteredService,
} from "./alchemiscale-admin-client.ts";
export { AlchemiscaleClient, type ScopeAndName, ScopeNotSpecific } from "./alchemiscale-client.ts";
export {
  AlchemiscaleComputeClient,
  type Claim,
  type ClaimReply,
  type ResultBody,
  type TaskFailure,
} from "./alchemiscale-compute-client.ts";
export { ApiConnection, type ApiRequest, type CallOptions, type ConnectionOptions, InvalidApiUrl } from "./api-connection.ts";
export { ApiError, ClientError, ConnectionError, LoginRefused, UnexpectedReply } from "./client-error.ts";
export { delay } from "./delay.ts";
export type { NetworkResultsOptions, StreamedResult } from "./network-results.ts";
export type { StatusCounts } from "./reply-shapes.ts";
export {
  defaultRetryPolicy,
  InvalidRetryPolicy,
  isTransient,
  noRetries,
  type RetryPolicy,
  retryDelay,
  retryPolicy,
} from "./retry-policy.ts";
export type { TaskTransformation } from "./task-transformation.ts";
