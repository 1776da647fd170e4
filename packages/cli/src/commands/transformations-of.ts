import type { AlchemiscaleClient } from "@alchemiscale/client";
import { qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { CommandFailure } from "../usage-error.ts";
import { wrongKind } from "../wrong-kind.ts";

/**
 * The transformations of a network in the order of its keys, or the one transformation that is named itself.
 * @throws {UsageError} for a key of anything else; {@link CommandFailure} when the server has no such object.
 */
export async function transformationsOf(client: AlchemiscaleClient, key: ScopedKey): Promise<ScopedKey[]> {
  const qualname = qualnameOf(key);
  const wanted = ["AlchemicalNetwork", "Transformation", "NonTransformation"];
  if (!wanted.includes(qualname)) throw wrongKind(key, wanted);
  if (!(await client.exists(key))) throw new CommandFailure(`there is no ${key} (or it is in a scope that you cannot see)`);
  return qualname === "AlchemicalNetwork" ? await client.getNetworkTransformations(key) : [key];
}
