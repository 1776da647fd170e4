import type { StoreOptions } from "../data/open-stores.ts";
import { apiBinding } from "../serving/api-binding.ts";
import { type MetricsCommandOptions, runServer } from "../serving/run-server.ts";
import { serverLog } from "../serving/server-log.ts";

/** `compute api`: the compute API alone. */
export async function computeApi(
  options: StoreOptions &
    MetricsCommandOptions & {
      readonly host?: string;
      readonly port?: number;
      readonly loglevel?: string;
      readonly registrationExpireSeconds?: number;
    },
): Promise<void> {
  await runServer({
    ...options,
    bindings: { compute: apiBinding("ALCHEMISCALE_COMPUTE_API", options) },
    logger: serverLog(options.loglevel, ["ALCHEMISCALE_COMPUTE_API_LOGLEVEL"]),
    alone: false,
  });
}
