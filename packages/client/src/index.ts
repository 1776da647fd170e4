/** Clients of the user and compute APIs over `fetch`. Browser-safe; what needs Node is behind `@alchemiscale/client/node`. */
export {
  AlchemiscaleAdminClient,
  type IdentityChange,
  type IdentityFacts,
  type NewIdentity,
  type RegisteredService,
  type ServiceFailure,
} from "./alchemiscale-admin-client.ts";
export {
  AlchemiscaleClient,
  type ArchiveOptions,
  type BatchedCallOptions,
  type ClientOptions,
  type EstimateOptions,
  type EventPageOptions,
  type ImportedResult,
  type KeptFile,
  type NewStackMember,
  type ReportedCallOptions,
  type ResultUrl,
  type ScopeAndName,
  ScopeNotSpecific,
  type StackOptions,
  type StrategySettings,
  type WatchOptions,
} from "./alchemiscale-client.ts";
export {
  AlchemiscaleComputeClient,
  type Claim,
  type ClaimReply,
  type PostedResult,
  type ResultBody,
  type TaskFailure,
  type TaskHub,
} from "./alchemiscale-compute-client.ts";
export {
  AlchemiscaleComputeManagerClient,
  type ComputeManagerInstruction,
  type ComputeManagerReport,
} from "./alchemiscale-compute-manager-client.ts";
export {
  ApiConnection,
  type ApiFetch,
  type ApiFetchRequest,
  type ApiRequest,
  type CallOptions,
  type ConnectionOptions,
  InvalidApiUrl,
  type StreamReading,
} from "./api-connection.ts";
export type { Decompress, Metadata } from "./archive/archive-chunks.ts";
export { type ContentCache, type ContentKind, memoryCache } from "./cache/content-cache.ts";
export {
  ApiError,
  ClientError,
  ConnectionError,
  InvalidArgument,
  isUnknownRoute,
  LoginRefused,
  UnexpectedReply,
} from "./client-error.ts";
export { delay } from "./delay.ts";
export type { EventPage, NetworkEvent } from "./events/network-event.ts";
export { mapAhead } from "./map-ahead.ts";
export type { Progress, ProgressListener, ProgressOperation, ProgressState } from "./progress.ts";
export type { StatusCounts } from "./reply-shapes.ts";
export type { FailureWithoutResult } from "./results/failure-without-result.ts";
export type { NetworkResultsOptions, StreamedResult } from "./results/network-results.ts";
export { ResultListing } from "./results/result-listing.ts";
export type { RetrievalOptions } from "./results/result-retriever.ts";
export { type ResultFacts, ResultMissing, type RetrievedResult } from "./results/retrieved-result.ts";
export {
  defaultRetryPolicy,
  InvalidRetryPolicy,
  isTransient,
  noRetries,
  type RetryPolicy,
  retryDelay,
  retryPolicy,
} from "./retry-policy.ts";
export type { StrategyState } from "./strategy-state.ts";
export type { TaskTransformation } from "./task-transformation.ts";
