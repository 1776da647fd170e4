/** One API, in this process or in several. */
import cluster from "node:cluster";
import type { ServingOptions } from "../data/store-options.ts";
import type { ApiSettings } from "./api-settings.ts";
import { type MetricsCommandOptions, type RunServerOptions, runServer } from "./run-server.ts";
import { runWorkers } from "./run-workers.ts";
import { servedStores } from "./served-stores.ts";
import { serverLog } from "./server-log.ts";

export interface ApiCommandOptions extends ServingOptions, MetricsCommandOptions {
  readonly registrationExpireSeconds?: number;
}

/** @param logVariables where the level of the log is looked for. @throws what {@link runServer} and {@link runWorkers} throw. */
export async function runApi(
  bindings: RunServerOptions["bindings"],
  settings: ApiSettings,
  logVariables: readonly string[],
  options: ApiCommandOptions,
): Promise<void> {
  const { workers, graceSeconds, loglevel } = settings;
  const logger = serverLog(loglevel, logVariables);
  if (workers > 1 && !cluster.isWorker) {
    servedStores({ ...options, workers, alone: false });
    await runWorkers(settings, logger);
  } else {
    await runServer({ ...options, bindings, logger, graceSeconds, alone: false });
  }
}
