import type { AlchemiscaleClient } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import { CommandFailure } from "../usage-error.ts";
import { keyArgument } from "./api-client.ts";

/**
 * The key of a network that the server has.
 * @throws {UsageError} for a key of anything else; {@link CommandFailure} when there is none.
 */
export async function existingNetwork(client: AlchemiscaleClient, text: string): Promise<ScopedKey> {
  const network = keyArgument(text, "AlchemicalNetwork");
  if (!(await client.exists(network))) throw noNetwork(network);
  return network;
}

export function noNetwork(network: ScopedKey): CommandFailure {
  return new CommandFailure(`there is no network ${network} (or it is in a scope that you cannot see)`);
}
