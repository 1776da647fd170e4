import type { StoreOptions } from "../data/open-stores.ts";
import { apiBinding } from "../serving/api-binding.ts";
import { type MetricsCommandOptions, runServer } from "../serving/run-server.ts";
import { serverLog } from "../serving/server-log.ts";

/** `api`: the user API alone, for instance one of several processes over one PostgreSQL. */
export async function api(
  options: StoreOptions & MetricsCommandOptions & { readonly host?: string; readonly port?: number; readonly loglevel?: string },
): Promise<void> {
  await runServer({
    ...options,
    bindings: { user: apiBinding("ALCHEMISCALE_API", options) },
    logger: serverLog(options.loglevel, ["ALCHEMISCALE_API_LOGLEVEL"]),
    alone: false,
  });
}
