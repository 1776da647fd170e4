import type { AlchemiscaleClient } from "@alchemiscale/client";
import { gatherResults } from "@alchemiscale/client/node";
import { csv, qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { resultsTable } from "../results/results-table.ts";
import { resultSaver, savedResults } from "../results/save-results.ts";
import { nativeProtocol, pullTransformations, type TransformationResults } from "../results/transformation-results.ts";
import { note, print, printJson, warn } from "../terminal/print.ts";
import { startProgress, startProgressOf } from "../terminal/progress.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";
import { transformationsOf } from "./transformations-of.ts";

/** `results`: of a network, or of one transformation. What was saved before is not asked for again. */
export async function results(
  keyText: string,
  options: ApiOptions & { readonly output?: string; readonly json?: boolean; readonly csv?: boolean },
): Promise<void> {
  const client = apiClient(options);
  const { output } = options;
  const key = keyArgument(keyText);
  const transformations = await transformationsOf(client, key);
  if (output !== undefined && qualnameOf(key) === "AlchemicalNetwork") await gather(client, key, output);
  const progress = startProgress("Pulling results", transformations.length);
  const pulled = await pullTransformations(client, transformations, {
    onDone: (done) => progress.update(done),
    ...(output === undefined ? {} : { receive: resultSaver(output), held: savedResults(output) }),
  }).finally(() => progress.stop());
  if (options.json) return printJson(pulled.map(facts));
  if (options.csv) {
    const rows = pulled.map(facts);
    const titles = ["transformation", "name", "protocol", "results", "failures", "estimate", "uncertainty", "unit"] as const;
    return print(
      csv(
        titles,
        rows.map((row) => titles.map((title) => row[title])),
      ),
    );
  }
  print(resultsTable(pulled.toSorted((a, b) => (a.name < b.name ? -1 : 1))));
  if (output !== undefined) note(`Saved in ${output}.`);
  if (pulled.some(({ protocol, succeeded }) => protocol !== nativeProtocol && succeeded > 0)) {
    note(
      "Estimates of other protocols are made by their own Python classes: get_network_results of the Python client, or --output DIR and examples/gather_results.py.",
    );
  }
}

async function gather(client: AlchemiscaleClient, network: ScopedKey, directory: string): Promise<void> {
  const { onProgress, stop } = startProgressOf("Saving results");
  const onMissing = ({ message }: Error) => warn(message);
  const gathered = await gatherResults(client, network, directory, { onProgress, onMissing }).finally(stop);
  note(`${gathered.written} results saved in ${directory}, ${gathered.present} were there already.`);
}

function facts({ transformation, name, protocol, succeeded, failed, estimate }: TransformationResults) {
  return {
    transformation,
    name,
    protocol,
    results: succeeded,
    failures: failed,
    estimate: estimate?.estimate ?? null,
    uncertainty: estimate?.uncertainty ?? null,
    unit: estimate?.unit ?? null,
  };
}
