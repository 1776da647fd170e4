/** Compute services and the executors that run Protocols for them. */
export { executeInOrder } from "./execute-in-order.ts";
export {
  type ExecutedResult,
  type Executor,
  type ExecutorTask,
  type NoResult,
  noLimits,
  type Outcome,
  type PreparedTask,
  type PreparedUnit,
  type ResourceHints,
  type TaskExecutor,
  type TaskLimits,
  type UnitOutcome,
  type UnitPlace,
} from "./executor.ts";
export { ExecutorUnavailable } from "./executor-unavailable.ts";
export type { KeepRules, KeptFile } from "./kept-files.ts";
export { exactFreeEnergy } from "./native/exact-free-energy.ts";
export { harmonicModule, harmonicProtocol, InvalidHarmonicInput } from "./native/harmonic-input.ts";
export { createNativeExecutor, type NativeExecutorOptions } from "./native/native-executor.ts";
export { ParallelComputeService } from "./parallel/parallel-compute-service.ts";
export {
  type Gathered,
  type GatherRequest,
  type NeededFile,
  type ProposeRequest,
  PythonAnalyst,
  type PythonAnalystOptions,
  PythonFailure,
} from "./python/python-analyst.ts";
export { createPythonExecutor, type PythonExecutorOptions } from "./python/python-executor.ts";
export { claimedProtocols, NoProtocolToClaim } from "./service/claimed-protocols.ts";
export { environmentFailingCode, type RunnableService, runUntilSignal } from "./service/run-until-signal.ts";
export { EnvironmentFailing, type ServiceOptions, StopRequested } from "./service/service-core.ts";
export { createServiceLog, type ServiceLog, type ServiceLogOptions } from "./service/service-log.ts";
export { SynchronousComputeService } from "./service/synchronous-compute-service.ts";
export * as settingReaders from "./settings/field-readers.ts";
export { type LogLevel, logLevel as parseLogLevel } from "./settings/field-readers.ts";
export { InvalidSettings, type SettingsProblem } from "./settings/invalid-settings.ts";
export {
  type ParallelServiceSettings,
  parseParallelServiceSettings,
} from "./settings/parallel-service-settings.ts";
export { type ReadSettings, readSettings, type SettingsKeys } from "./settings/read-settings.ts";
export {
  type ParsedSettings,
  parseSynchronousServiceSettings,
  type SynchronousServiceSettings,
} from "./settings/synchronous-service-settings.ts";
