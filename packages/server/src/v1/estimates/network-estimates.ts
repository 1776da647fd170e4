/** `GET /v1/networks/{network}/estimates`: from the store, as it was written there. */
import { csv, csvMedia, type ReplyOf, type ScopedKey, type userRoutes } from "@alchemiscale/contract";
import type { NetworkDocument } from "../../estimates/network-document.ts";
import type { ServerContext } from "../../server-context.ts";
import type { Handler } from "../../transport/handler.ts";
import { JsonStream } from "../../transport/json-reply.ts";
import { notFound } from "../../transport/problem.ts";
import { StreamedReply } from "../../transport/streamed-reply.ts";
import { requireNetwork } from "../require-class.ts";
import { type StoredDocument, storedDocument } from "./stored-document.ts";

type Route = typeof userRoutes.networkEstimates;
type Reply = ReplyOf<Route>;

export const networkEstimates: Handler<Route> = async ({ context, params, query, request }) => {
  const { network } = params;
  requireNetwork(network);
  const { text, upToDate } = await documentOf(context, network, query.wait ?? 0);
  const part = (name: "networkCovariance" | "networkTransformations") => context.estimator.networkPart(network, name);
  if ((query.format ?? preferred(request.headers.accept)) === "csv") {
    const table =
      query.table === "transformations"
        ? transformationTable(JSON.parse(await part("networkTransformations")) as NonNullable<Reply["by_transformation"]>)
        : tables[query.table ?? "ligands"](JSON.parse(text) as NetworkDocument);
    return new StreamedReply(`${csvMedia}; charset=utf-8`, piecesOf(`${table}\r\n`), { compressible: true });
  }
  // The document is large, and nobody here needs to look into it.
  const pieces = [`${JSON.stringify({ network, ...upToDate }).slice(0, -1)}, `, text.slice(1, -1)];
  if (query.transformations) pieces.push(`, "by_transformation": ${await part("networkTransformations")}`);
  if (query.covariance) pieces.push(`, "covariance": ${await part("networkCovariance")}`);
  return new JsonStream([...pieces, "}"], text.length);
};

async function documentOf(
  context: ServerContext,
  network: ScopedKey,
  seconds: number,
): Promise<StoredDocument & { readonly text: string }> {
  const read = (wait: number) => storedDocument(context, () => context.stateStore.estimates.ofNetwork(network), wait);
  for (const wait of [seconds, 0]) {
    const stored = await read(wait);
    if (stored === null) throw notFound(network);
    const { text } = stored;
    if (text !== null) return { ...stored, text };
    // Nobody has needed them before.
    await context.estimator.estimateNetwork(network);
  }
  throw notFound(network);
}

/** JSON unless CSV alone is asked for. */
function preferred(accept: string | undefined): "json" | "csv" {
  return accept?.includes(csvMedia) && !accept.includes("json") ? "csv" : "json";
}

async function* piecesOf(text: string): AsyncGenerator<string> {
  yield text;
}

const tables: Readonly<Record<"ligands" | "pairs", (document: NetworkDocument) => string>> = {
  ligands: ({ ligands }) =>
    tableOf(
      ligands.map((row) => ({ ...row, flags: row.flags.join(" ") })),
      ligandTitles,
    ),
  pairs: ({ pairs }) =>
    tableOf(
      pairs.map(({ fitted, closure, ...row }) => ({
        ...flat(row),
        fitted_estimate: fitted?.estimate ?? null,
        fitted_uncertainty: fitted?.uncertainty ?? null,
        cycles: closure?.cycles ?? null,
        closure_mean: closure?.mean ?? null,
        closure_max: closure?.max ?? null,
      })),
      pairTitles,
    ),
};

function transformationTable(rows: NonNullable<Reply["by_transformation"]>): string {
  return tableOf(rows.map(flat), [
    "transformation",
    "name",
    "protocol",
    "leg",
    "estimate",
    "uncertainty",
    "n_results",
    "succeeded",
    "failed",
    "flags",
  ]);
}

function flat<Row extends { readonly flags: readonly string[] }>(row: Row): Omit<Row, "flags"> & { readonly flags: string } {
  return { ...row, flags: row.flags.join(" ") };
}

const ligandTitles = [
  "observable",
  "ligand",
  "name",
  "component",
  "reference",
  "estimate",
  "uncertainty",
  "n_pairs",
  "n_repeats",
  "closure",
  "flags",
] as const;
const pairTitles = [
  "observable",
  "ligand_a",
  "ligand_b",
  "name_a",
  "name_b",
  "protocol",
  "estimate",
  "uncertainty",
  "n_repeats",
  "fitted_estimate",
  "fitted_uncertainty",
  "residual",
  "standardized",
  "leverage",
  "cycles",
  "closure_mean",
  "closure_max",
  "flags",
] as const;

function tableOf<Title extends string>(
  rows: readonly Readonly<Record<Title, string | number | null>>[],
  titles: readonly Title[],
): string {
  return csv(
    titles,
    rows.map((row) => titles.map((title) => row[title])),
  );
}
