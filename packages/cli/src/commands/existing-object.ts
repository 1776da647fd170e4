import type { AlchemiscaleClient } from "@alchemiscale/client";
import { qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { CommandFailure } from "../usage-error.ts";
import { wrongKind } from "../wrong-kind.ts";
import { keyArgument } from "./api-client.ts";

const kinds: Readonly<Record<string, string>> = {
  AlchemicalNetwork: "network",
  Transformation: "transformation",
  ChemicalSystem: "chemical system",
  Task: "Task",
};

/**
 * The key of an object of one of these classes, which the server has.
 * @throws {UsageError} for a key of anything else; {@link CommandFailure} when there is none.
 */
export async function existingObject(
  client: AlchemiscaleClient,
  text: string,
  qualnames: readonly [string, ...string[]],
): Promise<ScopedKey> {
  const key = keyArgument(text);
  if (!qualnames.includes(qualnameOf(key))) {
    throw wrongKind(key, qualnames);
  }
  if (!(await client.exists(key))) {
    throw new CommandFailure(
      `there is no ${kinds[qualnames[0]] ?? qualnames[0]} ${key} (or it is in a scope that you cannot see)`,
    );
  }
  return key;
}
