import type { AlchemiscaleClient } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import { CommandFailure } from "../usage-error.ts";
import { existingObject } from "./existing-object.ts";

/**
 * The key of a network that the server has.
 * @throws {UsageError} for a key of anything else; {@link CommandFailure} when there is none.
 */
export function existingNetwork(client: AlchemiscaleClient, text: string): Promise<ScopedKey> {
  return existingObject(client, text, ["AlchemicalNetwork"]);
}

export function noNetwork(network: ScopedKey): CommandFailure {
  return new CommandFailure(`there is no network ${network} (or it is in a scope that you cannot see)`);
}
