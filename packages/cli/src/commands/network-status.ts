import { parseScope } from "@alchemiscale/contract";
import { print, printJson } from "../terminal/print.ts";
import { completeCounts, statusTable } from "../terminal/status-table.ts";
import { style } from "../terminal/style.ts";
import { UsageError } from "../usage-error.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";
import { scopeOption } from "./scope-option.ts";

/** `network status`: of one network, or of every active network in a scope. */
export async function networkStatus(
  key: string | undefined,
  options: ApiOptions & { readonly scope?: string; readonly json?: boolean },
): Promise<void> {
  if (key !== undefined && options.scope !== undefined) throw new UsageError("give a network or --scope, not both");
  const client = apiClient(options);
  if (key !== undefined) {
    const network = await existingNetwork(client, key);
    const counts = completeCounts(await client.getNetworkStatus(network));
    if (options.json) return printJson({ network, state: await client.getNetworkState(network), tasks: counts });
    print(style("dim", network));
    return print(statusTable(counts));
  }
  const scope = options.scope === undefined ? parseScope("*-*-*") : scopeOption(options.scope);
  const counts = completeCounts(await client.getScopeStatus(scope));
  if (options.json) return printJson({ scope, tasks: counts });
  print(style("dim", `active networks in ${scope}`));
  print(statusTable(counts));
}
