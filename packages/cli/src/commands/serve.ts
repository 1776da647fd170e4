import type { ServingOptions } from "../data/store-options.ts";
import { type MetricsCommandOptions, runServer } from "../serving/run-server.ts";
import { serverLog } from "../serving/server-log.ts";
import { type StrategistServeOptions, strategistChoice } from "../serving/start-strategist.ts";

/** `serve`: both APIs in one process. */
export async function serve(
  options: ServingOptions &
    MetricsCommandOptions &
    StrategistServeOptions & {
      readonly host: string;
      readonly apiPort: number;
      readonly computeApiPort: number;
      readonly loglevel?: string;
    },
): Promise<void> {
  await runServer({
    ...options,
    bindings: {
      user: { host: options.host, port: options.apiPort },
      compute: { host: options.host, port: options.computeApiPort },
    },
    logger: serverLog(options.loglevel, ["ALCHEMISCALE_API_LOGLEVEL", "ALCHEMISCALE_COMPUTE_API_LOGLEVEL"]),
    strategist: strategistChoice(options),
    alone: true,
  });
}
