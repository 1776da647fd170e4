import { InvalidInput, type NetworkMeasurement } from "@alchemiscale/analysis";
import { listAt, numberAt, objectAt, textAt, wholeCase } from "./table-cases.ts";

/** An edge a → b of a network table: f(b) − f(a), kcal/mol. */
export interface TableEdge {
  readonly a: string;
  readonly b: string;
  readonly ddg: number;
  readonly sigma: number;
}

/** A network table: measured differences, and where there are any, absolute values and experiment by ligand. kcal/mol. */
export interface NetworkCase {
  readonly edges: readonly TableEdge[];
  readonly absolute: readonly { readonly a: string; readonly dg: number; readonly sigma: number }[];
  readonly experiment: ReadonlyMap<string, number>;
}

/** @throws {InvalidInput} for what no network table has */
export function networkCase(value: unknown): NetworkCase {
  const fields = objectAt(value, wholeCase);
  const edges = listAt(fields, "edges").map((item, i) => {
    const field = `edges[${i}]`;
    const edge = objectAt(item, field);
    return {
      a: textAt(edge.a, `${field}.a`),
      b: textAt(edge.b, `${field}.b`),
      ddg: numberAt(edge.ddg, `${field}.ddg`),
      sigma: numberAt(edge.sigma, `${field}.sigma`),
    };
  });
  const absolute = (fields.absolute === undefined ? [] : listAt(fields, "absolute")).map((item, i) => {
    const field = `absolute[${i}]`;
    const entry = objectAt(item, field);
    return {
      a: textAt(entry.a, `${field}.a`),
      dg: numberAt(entry.dg, `${field}.dg`),
      sigma: numberAt(entry.sigma, `${field}.sigma`),
    };
  });
  const experiment = Object.entries(objectAt(fields.experiment ?? {}, "experiment"));
  return {
    edges,
    absolute,
    experiment: new Map(experiment.map(([ligand, entry]) => [ligand, numberAt(entry, `experiment.${ligand}`)])),
  };
}

/** What maximum likelihood needs of it. Its errors are said in the words of the table. */
export function measurementsOf({ edges, absolute }: NetworkCase): NetworkMeasurement[] {
  if (edges.length === 0 && absolute.length === 0)
    throw new InvalidInput("edges", "is empty; there is nothing to make an estimate of");
  for (const [i, { a, b, sigma }] of edges.entries()) if (a !== b) checkSigma(sigma, `edges[${i}].sigma`);
  for (const [i, { sigma }] of absolute.entries()) checkSigma(sigma, `absolute[${i}].sigma`);
  return [
    ...edges.filter(({ a, b }) => a !== b).map(({ a, b, ddg, sigma }) => ({ from: a, to: b, value: ddg, sigma })),
    ...absolute.map(({ a, dg, sigma }) => ({ from: null, to: a, value: dg, sigma })),
  ];
}

function checkSigma(sigma: number, field: string): void {
  if (!(sigma > 0))
    throw new InvalidInput(
      field,
      `is ${sigma}; maximum likelihood needs a σ above 0 for every measurement. No floor is applied here: set one, or leave the edge out`,
    );
  const weight = 1 / (sigma * sigma);
  if (!(weight > 0 && Number.isFinite(weight)))
    throw new InvalidInput(
      field,
      `is ${sigma}; its weight in the maximum likelihood, 1/σ² = ${weight}, is no number that can be added up`,
    );
}

/**
 * Ligands in the order of cinnabar's tables: its graph gives the edges by their first ligand, in the order in which ligands appeared, and
 * under each by its neighbours in the order in which they became that. (spec/analysis.md §5)
 */
export function cinnabarOrder({ edges, absolute }: NetworkCase): string[] {
  const neighbours = new Map<string, Set<string>>();
  const directed = new Set<string>();
  const meet = (one: string, other: string): void => {
    neighbours.set(one, (neighbours.get(one) ?? new Set<string>()).add(other));
  };
  for (const { a, b } of edges) {
    meet(a, b);
    meet(b, a);
    directed.add(JSON.stringify([a, b]));
  }
  const order = new Set<string>();
  for (const [ligand, others] of neighbours) {
    for (const other of others) if (directed.has(JSON.stringify([ligand, other]))) order.add(ligand).add(other);
  }
  for (const { a } of absolute) order.add(a);
  return [...order];
}
