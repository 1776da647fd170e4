/** Compute managers: they start compute services where there is work for them (compute-api §9). */
export { ComputeManager, type ManagerLog, type ManagerOptions, NameTaken, type ServiceFacts } from "./compute-manager.ts";
export { type LocalOptions, LocalPlatform, ServicesFailing } from "./local-platform.ts";
export { InvalidManagerSettings, type ManagerSettings, parseManagerSettings } from "./manager-settings.ts";
export type { Platform, PlatformRequest } from "./platform.ts";
export { runOnce } from "./run-once.ts";
export { AnotherRunning } from "./state-file.ts";
