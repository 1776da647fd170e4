import { resultsTable } from "../results/results-table.ts";
import { resultSaver } from "../results/save-results.ts";
import { nativeProtocol, pullTransformations } from "../results/transformation-results.ts";
import { note, print, printJson } from "../terminal/print.ts";
import { startProgress } from "../terminal/progress.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";
import { transformationsOf } from "./transformations-of.ts";

/** `results`: of a network, or of one transformation. */
export async function results(
  key: string,
  options: ApiOptions & { readonly output?: string; readonly json?: boolean },
): Promise<void> {
  const client = apiClient(options);
  const transformations = await transformationsOf(client, keyArgument(key));
  const progress = startProgress("Pulling results", transformations.length);
  const pulled = await pullTransformations(client, transformations, {
    onDone: (done) => progress.update(done),
    ...(options.output === undefined ? {} : { receive: resultSaver(options.output) }),
  }).finally(() => progress.stop());
  if (options.json) {
    return printJson(
      pulled.map(({ transformation, name, protocol, succeeded, failed, estimate }) => ({
        transformation,
        name,
        protocol,
        results: succeeded,
        failures: failed,
        estimate: estimate?.estimate ?? null,
        uncertainty: estimate?.uncertainty ?? null,
        unit: estimate?.unit ?? null,
      })),
    );
  }
  print(resultsTable(pulled.toSorted((a, b) => (a.name < b.name ? -1 : 1))));
  if (options.output !== undefined) note(`Saved in ${options.output}.`);
  if (pulled.some(({ protocol, succeeded }) => protocol !== nativeProtocol && succeeded > 0)) {
    note(
      "Estimates of other protocols are made by their own Python classes: get_network_results of the Python client, or --output DIR and examples/gather_results.py.",
    );
  }
}
