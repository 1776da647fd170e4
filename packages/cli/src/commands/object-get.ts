import type { AlchemiscaleClient } from "@alchemiscale/client";
import { qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { writeWhole } from "../results/save-results.ts";
import { note, print } from "../terminal/print.ts";
import { CommandFailure } from "../usage-error.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingObject } from "./existing-object.ts";

/** `network get`, `transformation get`, `system get`: the keyed chain, as it is stored. */
export async function objectGet(
  text: string,
  qualnames: readonly [string, ...string[]],
  options: ApiOptions & { readonly output?: string },
): Promise<void> {
  const client = apiClient(options);
  const key = await existingObject(client, text, qualnames);
  const chain = await chainOf(client, key);
  if (options.output === undefined) return print(chain);
  try {
    await writeWhole(options.output, `${chain}\n`);
  } catch (error) {
    throw new CommandFailure(`cannot write ${options.output}: ${error instanceof Error ? error.message : String(error)}`);
  }
  note(`Saved ${key} in ${options.output}.`);
}

function chainOf(client: AlchemiscaleClient, key: ScopedKey): Promise<string> {
  switch (qualnameOf(key)) {
    case "AlchemicalNetwork":
      return client.getNetwork(key);
    case "ChemicalSystem":
      return client.getChemicalSystem(key);
    default:
      return client.getTransformation(key);
  }
}
