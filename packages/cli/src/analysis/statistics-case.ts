import {
  type Agreement,
  agreement,
  type BootstrappedStatistic,
  bootstrapAgreement,
  centredSeries,
  InvalidInput,
} from "@alchemiscale/analysis";
import { mleOf } from "./mle-case.ts";
import { networkCase } from "./network-case.ts";
import { numberRowsAt, numbersAt, objectAt, wholeCase } from "./table-cases.ts";

/** What `analysis statistics` prints of two series. */
export interface SeriesOutput {
  readonly statistics: Agreement;
  readonly bootstrap: Readonly<Partial<Record<string, BootstrappedStatistic>>>;
}

/** What it prints of a network with experiment; statistics of ligands only where one component has all of them. */
export interface NetworkStatisticsOutput {
  readonly statistics?: Agreement;
  readonly statistics_centred?: Agreement;
  readonly edgewise: {
    /** For each edge; null where a ligand has no experiment. */
    readonly experiment: readonly (number | null)[];
    readonly statistics: Pick<Agreement, "RMSE" | "MUE"> | null;
  };
  readonly mle_error?: string;
}

/** Statistics of the series `x` (experiment) and `y` (calculated), or of a network table with experiment. @throws {InvalidInput} */
export function statisticsOf(value: unknown): SeriesOutput | NetworkStatisticsOutput {
  const fields = objectAt(value, wholeCase);
  if (fields.edges !== undefined) return networkStatistics(value);
  const x = numbersAt(fields, "x");
  const y = numbersAt(fields, "y");
  const statistics = agreement(x, y);
  if (fields.bootstrap_indices === undefined) return { statistics, bootstrap: bootstrapAgreement(x, y) };
  // Resamples that are given are there to be compared with another tool.
  try {
    return {
      statistics,
      bootstrap: bootstrapAgreement(x, y, { indices: numberRowsAt(fields, "bootstrap_indices"), undefinedReplicates: "keep" }),
    };
  } catch (error) {
    if (error instanceof InvalidInput && error.field.startsWith("indices"))
      throw new InvalidInput(`bootstrap_${error.field}`, error.rule);
    throw error;
  }
}

function networkStatistics(value: unknown): NetworkStatisticsOutput {
  const { edges, experiment } = networkCase(value);
  if (edges.length === 0) throw new InvalidInput("edges", "is empty; there is nothing to compare with experiment");
  const measured = edges.map(({ a, b }) => {
    const [valueA, valueB] = [experiment.get(a), experiment.get(b)];
    return valueA === undefined || valueB === undefined ? null : valueB - valueA;
  });
  const both = edges.flatMap(({ ddg }, i) => {
    const own = measured[i] ?? null;
    return own === null ? [] : [[own, ddg] as const];
  });
  const ofEdges =
    both.length === 0
      ? null
      : agreement(
          both.map(([x]) => x),
          both.map(([, y]) => y),
        );
  const edgewise = { experiment: measured, statistics: ofEdges && { RMSE: ofEdges.RMSE, MUE: ofEdges.MUE } };
  try {
    return { ...ligandStatistics(value, experiment), edgewise };
  } catch (error) {
    if (error instanceof InvalidInput) return { edgewise, mle_error: error.message };
    throw error;
  }
}

function ligandStatistics(value: unknown, experiment: ReadonlyMap<string, number>): Partial<NetworkStatisticsOutput> {
  const { mle, components } = mleOf(value);
  if (components.length > 1)
    return { mle_error: `the network is in ${components.length} parts; between them nothing can be compared` };
  const both = mle.ligand_order.flatMap((ligand, i) => {
    const own = experiment.get(ligand);
    return own === undefined ? [] : [[own, mle.value[i] as number] as const];
  });
  if (both.length === 0) return {};
  const x = both.map(([own]) => own);
  const y = both.map(([, own]) => own);
  const { NRMSE: _, ...centred } = agreement(centredSeries(x), centredSeries(y));
  return { statistics: agreement(x, y), statistics_centred: centred as Agreement };
}
