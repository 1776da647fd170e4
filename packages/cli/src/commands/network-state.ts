/** `network state` and `network weight`: shown, or set where a value is given. */
import type { NetworkState } from "@alchemiscale/contract";
import { print, printJson } from "../terminal/print.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";
import { noNetwork } from "./existing-network.ts";

type Options = ApiOptions & { readonly json?: boolean };

export async function networkState(key: string, state: NetworkState | undefined, options: Options): Promise<void> {
  const client = apiClient(options);
  const network = keyArgument(key, "AlchemicalNetwork");
  if (state !== undefined && (await client.setNetworkState(network, state)) === null) throw noNetwork(network);
  const current = await client.getNetworkState(network);
  if (current === null) throw noNetwork(network);
  if (options.json) printJson({ network, state: current });
  else print(current);
}

export async function networkWeight(key: string, weight: number | undefined, options: Options): Promise<void> {
  const client = apiClient(options);
  const network = keyArgument(key, "AlchemicalNetwork");
  if (weight !== undefined && (await client.setNetworkWeight(network, weight)) === null) throw noNetwork(network);
  const current = await client.getNetworkWeight(network);
  if (current === null) throw noNetwork(network);
  if (options.json) printJson({ network, weight: current });
  else print(String(current));
}
