import { costTable } from "../results/estimates-tables.ts";
import { note, print, printJson } from "../terminal/print.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";

/** `cost`: GPU hours of a network, spent and still to be spent. */
export async function cost(
  keyText: string,
  options: ApiOptions & { readonly wanted: number; readonly hardware?: string; readonly json?: boolean },
): Promise<void> {
  const client = apiClient(options);
  const network = await existingNetwork(client, keyText);
  const { wanted, hardware } = options;
  const found = await client.getNetworkCost(network, {
    wanted,
    wait: 30,
    ...(hardware !== undefined && { hardware }),
    transformations: options.json ?? false,
  });
  if (options.json) return printJson(found);
  print(costTable(found));
  const { tasks, elsewhere, hardware: seen } = found.learned_from;
  if (tasks === 0) note("No Task is finished yet, here or in other networks that you see: there is nothing to learn from.");
  else note(`Learned from ${tasks} Tasks ${elsewhere ? "of other networks" : "of this network"}, on ${seen.join(", ")}.`);
  if (found.unseen.length > 0) note(`None of them had ${found.unseen.join(", ")}: the interval is wide for that.`);
}
