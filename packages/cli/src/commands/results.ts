import { type AlchemiscaleClient, isUnknownRoute } from "@alchemiscale/client";
import { gatherResults } from "@alchemiscale/client/node";
import { csv, type NetworkEstimates, qualnameOf, type ScopedKey, type TransformationEstimate } from "@alchemiscale/contract";
import { ligandsTable, pairsTable, pulledTable, repeatsTable, transformationsTable } from "../results/estimates-tables.ts";
import { resultSaver, savedResults } from "../results/save-results.ts";
import { pullTransformations, type TransformationResults } from "../results/transformation-results.ts";
import { note, print, printJson, warn } from "../terminal/print.ts";
import { startProgress, startProgressOf } from "../terminal/progress.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";
import { transformationsOf } from "./transformations-of.ts";

export interface ResultsOptions extends ApiOptions {
  readonly output?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly table?: Table;
}

type Table = "ligands" | "pairs" | "transformations";

/** What has just landed is waited for so long, in seconds. */
const wait = 30;

/** `results`: of a network, or of one transformation, as the server has read them. */
export async function results(keyText: string, options: ResultsOptions): Promise<void> {
  const client = apiClient(options);
  const key = keyArgument(keyText);
  const transformations = await transformationsOf(client, key);
  const isNetwork = qualnameOf(key) === "AlchemicalNetwork";
  if (options.output !== undefined && isNetwork) await gather(client, key, options.output);
  if (options.output !== undefined && !isNetwork) await pull(client, transformations, options.output);
  const shown = await ourServer(() => (isNetwork ? showNetwork(client, key, options) : showTransformation(client, key, options)));
  // Python servers know of results, not of what they say.
  if (!shown) showPulled(await pull(client, transformations, options.output), options);
  if (options.output !== undefined) note(`Saved in ${options.output}.`);
}

/** False where the server has no such routes. */
async function ourServer(show: () => Promise<void>): Promise<boolean> {
  try {
    await show();
    return true;
  } catch (error) {
    if (isUnknownRoute(error)) return false;
    throw error;
  }
}

async function showNetwork(client: AlchemiscaleClient, network: ScopedKey, options: ResultsOptions): Promise<void> {
  const { table } = options;
  if (options.csv) {
    print((await client.getNetworkEstimatesTable(network, table ?? "ligands", { wait })).trimEnd());
    return;
  }
  const found = await client.getNetworkEstimates(network, { wait, transformations: options.json || table === "transformations" });
  if (options.json) return printJson(found);
  if (table === undefined || table === "ligands") printLigands(found);
  if (table === undefined || table === "pairs") printPairs(found);
  if (table === "transformations") print(transformationsTable(byName(found.by_transformation ?? [])));
  const { transformations, results: counts, incomplete } = found;
  note(
    `${transformations.estimated} of ${transformations.total} transformations have an estimate (${counts.succeeded} results, ${counts.failed} failures, ${counts.unreadable} that could not be read); --table transformations shows each.`,
  );
  if (incomplete.length > 0) note(`Pairs that lack a leg, or its results: ${incomplete.length} (--json says which).`);
  if (!found.up_to_date) note("More results have landed and are being read.");
}

const observables: Readonly<Record<string, string>> = { binding: "binding", hydration: "hydration", system: "the systems" };

function printLigands({ ligands }: NetworkEstimates): void {
  for (const [observable, rows] of Map.groupBy(ligands, (row) => row.observable)) {
    const isAbsolute = rows.some(({ reference }) => reference === "absolute");
    print(`ΔG of ${observables[observable]}${isAbsolute ? "" : ", relative to the mean of each component"}:`);
    print(ligandsTable(byName(rows)));
    print();
  }
}

function printPairs({ pairs }: NetworkEstimates): void {
  for (const [observable, rows] of Map.groupBy(pairs, (row) => row.observable)) {
    print(`ΔΔG of ${observables[observable]}:`);
    print(pairsTable(rows));
    print();
  }
}

async function showTransformation(client: AlchemiscaleClient, key: ScopedKey, options: ResultsOptions): Promise<void> {
  const found = await client.getTransformationEstimate(key, { wait });
  if (options.json) return printJson(found);
  const titles = ["result", "leg", "repeat", "generation", "estimate", "error", "overlap"] as const;
  if (options.csv) {
    print(
      csv(
        titles,
        found.per_repeat.map((row) => titles.map((title) => row[title])),
      ),
    );
    return;
  }
  print(transformationsTable([{ ...found, name: null, leg: null, flags: found.flags.map(({ code }) => code) }]));
  if (found.per_repeat.length > 0) print(`\n${repeatsTable(found.per_repeat)}`);
  printReasons(found);
}

function printReasons({ flags, failures, unreadable, up_to_date }: TransformationEstimate): void {
  for (const { code, message } of flags) note(`${code}: ${message}`);
  for (const { reason, count } of failures) note(`${count} failed: ${reason}`);
  for (const { result, message } of unreadable) note(`${result} could not be read: ${message}`);
  if (!up_to_date) note("More results have landed and are being read.");
}

function byName<Row extends { readonly name: string | null }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
}

async function pull(
  client: AlchemiscaleClient,
  transformations: readonly ScopedKey[],
  output: string | undefined,
): Promise<TransformationResults[]> {
  const progress = startProgress("Pulling results", transformations.length);
  return await pullTransformations(client, transformations, {
    onDone: (done) => progress.update(done),
    ...(output === undefined ? {} : { receive: resultSaver(output), held: savedResults(output) }),
  }).finally(() => progress.stop());
}

function showPulled(pulled: readonly TransformationResults[], options: ResultsOptions): void {
  const rows = pulled.map(facts);
  const titles = ["transformation", "name", "protocol", "results", "failures", "estimate", "uncertainty", "unit"] as const;
  const cells = () => rows.map((row) => titles.map((title) => row[title]));
  if (options.json) printJson(rows);
  else print(options.csv ? csv(titles, cells()) : pulledTable(byName(pulled)));
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
