import { type ApiOptions, apiSettings } from "../serving/api-settings.ts";
import { type ApiCommandOptions, runApi } from "../serving/run-api.ts";

/** `compute api`: the compute API alone. */
export async function computeApi(options: ApiCommandOptions & ApiOptions): Promise<void> {
  const settings = apiSettings("ALCHEMISCALE_COMPUTE_API", options);
  await runApi({ compute: settings.binding }, settings, ["ALCHEMISCALE_COMPUTE_API_LOGLEVEL"], options);
}
