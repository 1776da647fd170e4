/** The user API and the compute API over the two stores. */
export { hashKey, isKeyOf, UnusableKey } from "./auth/key-hash.ts";
export { type Binding, CannotListen, createServer, type Server, type ServerOptions } from "./create-server.ts";
export { chainContent, type Gatherer, gatherTransformation, type NamedContent } from "./estimates/gather-transformation.ts";
export { rebuildEstimates } from "./estimates/rebuild-estimates.ts";
export type { MetricsOptions } from "./metrics/metrics-server.ts";
export type { TransformationForm } from "./server-context.ts";
export { defaultLimits, type ServerLimits } from "./server-limits.ts";
