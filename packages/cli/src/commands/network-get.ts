import { writeWhole } from "../results/save-results.ts";
import { note, print } from "../terminal/print.ts";
import { CommandFailure } from "../usage-error.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";

/** `network get`: the keyed chain, as it is stored. */
export async function networkGet(key: string, options: ApiOptions & { readonly output?: string }): Promise<void> {
  const client = apiClient(options);
  const network = await existingNetwork(client, key);
  const chain = await client.getNetwork(network);
  if (options.output === undefined) return print(chain);
  try {
    await writeWhole(options.output, `${chain}\n`);
  } catch (error) {
    throw new CommandFailure(`cannot write ${options.output}: ${error instanceof Error ? error.message : String(error)}`);
  }
  note(`Saved ${network} in ${options.output}.`);
}
