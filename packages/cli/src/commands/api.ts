import { type ApiOptions, apiSettings } from "../serving/api-settings.ts";
import { type ApiCommandOptions, runApi } from "../serving/run-api.ts";

/** `api`: the user API alone, for instance one of several processes over one PostgreSQL. */
export async function api(options: ApiCommandOptions & ApiOptions): Promise<void> {
  const settings = apiSettings("ALCHEMISCALE_API", options);
  await runApi({ user: settings.binding }, settings, ["ALCHEMISCALE_API_LOGLEVEL"], options);
}
