import type { AlchemiscaleClient } from "@alchemiscale/client";
import { qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { CommandFailure, UsageError } from "../usage-error.ts";

/**
 * The transformations of a network in the order of its keys, or the one transformation that is named itself.
 * @throws {UsageError} for a key of anything else; {@link CommandFailure} when the server has no such object.
 */
export async function transformationsOf(client: AlchemiscaleClient, key: ScopedKey): Promise<ScopedKey[]> {
  const qualname = qualnameOf(key);
  if (!["AlchemicalNetwork", "Transformation", "NonTransformation"].includes(qualname)) {
    throw new UsageError(
      `${key} is a ${qualname}; the key of an AlchemicalNetwork, Transformation or NonTransformation is needed`,
    );
  }
  if (!(await client.exists(key))) throw new CommandFailure(`there is no ${key} (or it is in a scope that you cannot see)`);
  return qualname === "AlchemicalNetwork" ? await client.getNetworkTransformations(key) : [key];
}
