import type { NetworkState } from "@alchemiscale/contract";
import { GufeError, type KeyedChain, sliceKeyedChain } from "@alchemiscale/gufe";
import { readDocument } from "../check/read-document.ts";
import { note, print, printJson } from "../terminal/print.ts";
import { CommandFailure } from "../usage-error.ts";
import { withArticle } from "../wrong-kind.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { placeOption } from "./scope-option.ts";

/** `network submit`: prints the network's key, alone on standard output so that a script can keep it. */
export async function networkSubmit(
  file: string,
  options: ApiOptions & { readonly scope: string; readonly state: NetworkState; readonly json?: boolean },
): Promise<void> {
  const scope = placeOption(options.scope);
  const client = apiClient(options);
  const text = await readDocument(file);
  const chain = readChain(text, file);
  if (chain.root.qualname !== "AlchemicalNetwork") {
    throw new CommandFailure(
      `${file} holds ${withArticle(chain.root.qualname)}, not an AlchemicalNetwork; put transformations into a network with gufe's AlchemicalNetwork(edges=[…])`,
    );
  }
  const network = await client.createNetwork(text.trim(), scope, { state: options.state });
  if (options.json) return printJson({ network, scope, entries: chain.entries.length });
  note(`Submitted ${file} to ${scope}.`);
  print(network);
}

function readChain(text: string, file: string): KeyedChain {
  try {
    return sliceKeyedChain(text);
  } catch (error) {
    if (!(error instanceof GufeError)) throw error;
    throw new CommandFailure(`${file} is no keyed chain, as gufe's to_json writes it: ${error.message}`);
  }
}
