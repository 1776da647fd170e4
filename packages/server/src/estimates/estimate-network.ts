/**
 * The thread's part of a network's estimates: from the summaries of its Transformations to pairs, ligands, components and cycles.
 *
 * Everything is solved from the summaries each time: 1,000 ligands take less time than it takes to notice, and the figures depend on nothing that
 * was before.
 */
import {
  cycleClosure,
  type FreeEnergyPair,
  type Ligand,
  ligandValue,
  type MeasurementDiagnostics,
  measurementDiagnostics,
  type NetworkComponent,
  type NetworkPairs,
  type Observable,
  type PairMeasurement,
  pairDifference,
  pairLegs,
  pairMeasurements,
  sigmaFloor,
  solveNetwork,
} from "@alchemiscale/analysis";
import type { NetworkEstimates } from "@alchemiscale/contract";
import { scopedKey, scopeOf } from "@alchemiscale/contract/scoped-key";
import type { NetworkDocument, NetworkInput } from "./network-document.ts";
import type { NetworkEdge } from "./network-edges.ts";
import type { TransformationBrief } from "./transformation-document.ts";

/** Ligands in a cycle at most. */
const longestCycle = 5;
/** Steps that looking for cycles may take, about. */
const mostSteps = 5_000_000;
/** Cycles that are told: those that close worst. */
const toldCycles = 100;
/** Standard deviations that a pair may be off what all others say, before it is marked. */
const outlier = 3;

type PairRow = NetworkDocument["pairs"][number];
type LigandRow = NetworkDocument["ligands"][number];

/** @returns the text of a {@link NetworkDocument} */
export function estimateNetwork(input: NetworkInput): string {
  const { pairs, briefs, edges } = pairsOf(input);
  const flags = new Map([...briefs].map(([key, brief]) => [key, brief.flags]));
  const solved = observablesOf(pairs).map((observable) => estimateObservable(observable, pairs, flags));
  const known = [...briefs.values()];
  const count = (of: (brief: TransformationBrief) => number) => known.reduce((sum, brief) => sum + of(brief), 0);
  const document: NetworkDocument = {
    unit: "kilocalorie_per_mole",
    sigma_policy: pairs.policy,
    sigma_floor: sigmaFloor,
    pairs: solved.flatMap((each) => each.pairs),
    ligands: solved.flatMap((each) => each.ligands),
    components: solved.flatMap((each) => each.components),
    cycles: solved.flatMap((each) => each.cycles),
    incomplete: pairs.incomplete.map(({ protocol, from, to, transformations: of, missing, waiting }) => ({
      protocol,
      ligand_a: from,
      ligand_b: to,
      transformations: [...of],
      missing: [...missing],
      waiting: [...waiting],
    })),
    self_transformations: pairs.selfTransformations.map(({ transformation, ligand, leg, value }) => ({
      transformation,
      ligand,
      leg,
      estimate: value,
    })),
    unpaired: pairs.unpaired.map((each) => ({ ...each })),
    transformations: {
      total: edges.length,
      with_results: known.filter(({ succeeded, failed }) => succeeded + failed > 0).length,
      estimated: known.filter(({ estimate }) => estimate.estimate !== null).length,
    },
    results: {
      succeeded: count(({ succeeded }) => succeeded),
      failed: count(({ failed }) => failed),
      unreadable: count(({ unreadable }) => unreadable),
    },
  };
  return JSON.stringify(document);
}

/** Variances and covariances of the ligands' values, component by component. @returns their text */
export function networkCovariance(input: NetworkInput): string {
  const { pairs } = pairsOf(input);
  const matrices = observablesOf(pairs).flatMap((observable) =>
    solvedObservable(observable, pairs).components.flatMap(({ ligands, covariance }, component) => {
      const count = ligands.length;
      // A ligand that nothing was measured of.
      if (!Number.isFinite(covariance[0])) return [];
      return [
        {
          observable,
          component,
          ligands,
          covariance: ligands.map((_, row) => [...covariance.subarray(row * count, (row + 1) * count)]),
        },
      ];
    }),
  );
  return JSON.stringify(matrices);
}

/** What is known of each Transformation, in the order of the network. @returns their text */
export function networkTransformations(input: NetworkInput): string {
  const { briefs, edges } = readInput(input);
  const scope = scopeOf(input.network);
  const rows = edges.map(({ key, name, protocol, role }): NonNullable<NetworkEstimates["by_transformation"]>[number] => {
    const { estimate, flags = [], succeeded = 0, failed = 0 } = briefs.get(key) ?? {};
    return {
      transformation: scopedKey(key, scope),
      name,
      protocol,
      leg: role.kind === "leg" ? role.leg : null,
      estimate: estimate?.estimate ?? null,
      uncertainty: estimate?.uncertainty ?? null,
      n_results: estimate?.n ?? 0,
      succeeded,
      failed,
      flags: [...flags],
    };
  });
  return JSON.stringify(rows);
}

export function readInput({ edges, summaries }: NetworkInput) {
  const briefs = new Map(
    summaries.map(({ transformation, brief }) => [transformation, JSON.parse(brief) as TransformationBrief]),
  );
  return { briefs, edges: JSON.parse(edges) as NetworkEdge[] };
}

function pairsOf(input: NetworkInput) {
  const { briefs, edges } = readInput(input);
  const pairs = pairLegs(
    edges.map(({ key, protocol, role }) => ({ key, protocol, role, estimate: briefs.get(key)?.estimate ?? null })),
  );
  return { pairs, briefs, edges };
}

function observablesOf({ pairs }: NetworkPairs): Observable[] {
  const found = new Set(pairs.map(({ observable }) => observable));
  return (["binding", "hydration", "system"] as const).filter((observable) => found.has(observable));
}

function solvedObservable(observable: Observable, pairs: NetworkPairs) {
  const own = pairs.pairs.filter((pair) => pair.observable === observable);
  const { measurements, excluded } = pairMeasurements(own);
  const used = measurements.map(({ measurement }) => measurement);
  const named = new Set(own.flatMap(({ from, to }) => (from === null ? [to] : [from, to])));
  const ligands = pairs.ligands.filter(({ key }) => named.has(key));
  return { own, measurements, excluded, used, ligands, ...solveNetwork(used, { ligands: ligands.map(({ key }) => key) }) };
}

function estimateObservable(observable: Observable, pairs: NetworkPairs, flags: ReadonlyMap<string, readonly string[]>) {
  const { own, measurements, excluded, used, ligands, components } = solvedObservable(observable, pairs);
  const diagnostics = measurementDiagnostics({ components }, used);
  const differences = used.flatMap(({ from, to, value, sigma }) => (from === null ? [] : [{ from, to, value, sigma }]));
  const closure = cycleClosure(differences, { longest: affordableLength(differences) });
  const closures = new Map(closure.edges.map((edge) => [pairId(...edge.ligands), edge]));
  const place = new Map(
    components.flatMap((component, id) => component.ligands.map((ligand, i) => [ligand, { component, id, place: i }] as const)),
  );
  const names = new Map(ligands.map(({ key, name }) => [key, name]));
  const measured = new Map<FreeEnergyPair, { measurement: PairMeasurement; diagnostics: MeasurementDiagnostics | null }>();
  for (const [i, measurement] of measurements.entries())
    measured.set(measurement.pair, { measurement, diagnostics: diagnostics[i] ?? null });
  const reasons = new Map(excluded.map(({ pair, reason }) => [pair, reason]));

  const rows = own.map((pair): PairRow => {
    const found = measured.get(pair);
    const edge = pair.from === null ? undefined : closures.get(pairId(pair.from, pair.to));
    return {
      observable,
      ligand_a: pair.from,
      ligand_b: pair.to,
      name_a: pair.from === null ? null : (names.get(pair.from) ?? ""),
      name_b: names.get(pair.to) ?? "",
      protocol: pair.protocol,
      estimate: pair.value,
      uncertainty: pair.sigma,
      n_repeats: Math.min(...pair.legs.map(({ n }) => n)),
      fitted: found === undefined ? null : fittedOf(pair, place),
      residual: found?.diagnostics?.residual ?? null,
      standardized: found?.diagnostics?.standardized ?? null,
      leverage: found?.diagnostics?.leverage ?? null,
      closure: edge === undefined ? null : { cycles: edge.cycles, mean: edge.mean, max: edge.max },
      legs: pair.legs.map(({ leg, sign, n, value, sigma, kind, transformations }) => ({
        leg,
        sign,
        n,
        estimate: value,
        uncertainty: sigma,
        uncertainty_kind: kind,
        transformations: [...transformations],
      })),
      flags: pairFlags(pair, found, reasons.has(pair), flags),
    };
  });
  return {
    pairs: rows,
    ligands: ligandRows(observable, ligands, rows, place),
    components: components.map(({ ligands: of, reference, chi2, degreesOfFreedom }, id) => ({
      observable,
      component: id,
      ligands: of.length,
      reference,
      chi2,
      degrees_of_freedom: degreesOfFreedom,
    })),
    cycles: closure.cycles.slice(0, toldCycles).map(({ ligands: of, closure: value, perEdge, normalized }) => ({
      observable,
      ligands: [...of],
      closure: value,
      per_edge: perEdge,
      normalized,
    })),
  };
}

type Places = ReadonlyMap<string, { readonly component: NetworkComponent; readonly id: number; readonly place: number }>;

/** What the whole network says of a pair. */
function fittedOf({ from, to }: FreeEnergyPair, places: Places): PairRow["fitted"] {
  const b = places.get(to);
  const a = from === null ? undefined : places.get(from);
  if (b === undefined) return null;
  const { value, sigma } = a === undefined ? ligandValue(b.component, b.place) : pairDifference(b.component, a.place, b.place);
  return { estimate: value, uncertainty: finite(sigma) };
}

function pairFlags(
  pair: FreeEnergyPair,
  found: { readonly measurement: PairMeasurement; readonly diagnostics: MeasurementDiagnostics | null } | undefined,
  isExcluded: boolean,
  flags: ReadonlyMap<string, readonly string[]>,
): string[] {
  const codes = new Set<string>();
  if (isExcluded) codes.add("no-uncertainty");
  if (found?.measurement.isFloored) codes.add("floored-uncertainty");
  if (found !== undefined && found.diagnostics !== null) {
    const { standardized } = found.diagnostics;
    if (standardized === null) codes.add("bridge");
    else if (Math.abs(standardized) > outlier) codes.add("outlier");
  }
  if (pair.legs.some(({ disagreement }) => disagreement?.disagrees)) codes.add("repeats-disagree");
  for (const { transformations } of pair.legs)
    for (const key of transformations) for (const code of flags.get(key) ?? []) codes.add(code);
  return [...codes];
}

function ligandRows(observable: Observable, ligands: readonly Ligand[], rows: readonly PairRow[], places: Places): LigandRow[] {
  const pairsOfLigand = new Map<string, PairRow[]>();
  for (const row of rows) {
    for (const ligand of row.ligand_a === null ? [row.ligand_b] : [row.ligand_a, row.ligand_b])
      pairsOfLigand.set(ligand, [...(pairsOfLigand.get(ligand) ?? []), row]);
  }
  return ligands.map(({ key, name }): LigandRow => {
    const at = places.get(key);
    const own = pairsOfLigand.get(key) ?? [];
    const value = at === undefined ? null : ligandValue(at.component, at.place);
    const isKnown = at !== undefined && value !== null && own.some(({ fitted }) => fitted !== null);
    const closures = own.flatMap(({ closure }) => (closure === null ? [] : [closure.mean]));
    const flags = new Set(own.flatMap((row) => row.flags));
    flags.delete("bridge");
    if (isKnown && own.every((row) => row.flags.includes("bridge"))) flags.add("unchecked");
    return {
      observable,
      ligand: key,
      name,
      component: at?.id ?? -1,
      reference: at?.component.reference ?? "mean",
      estimate: isKnown ? value.value : null,
      uncertainty: isKnown ? finite(value.sigma) : null,
      n_pairs: own.length,
      n_repeats: own.reduce((sum, row) => sum + row.n_repeats, 0),
      closure: closures.length === 0 ? null : Math.max(...closures),
      flags: [...flags],
    };
  });
}

/** The number of ways grows with each ligand of a cycle by the number of neighbours: dense networks are looked at for shorter cycles. */
function affordableLength(differences: readonly { readonly from: string; readonly to: string }[]): number {
  const neighbours = new Map<string, Set<string>>();
  for (const { from, to } of differences) {
    neighbours.set(from, (neighbours.get(from) ?? new Set()).add(to));
    neighbours.set(to, (neighbours.get(to) ?? new Set()).add(from));
  }
  const degrees = [...neighbours.values()].map(({ size }) => size);
  // The way to a ligand is more often one to a ligand of many neighbours.
  const sum = degrees.reduce((total, degree) => total + degree, 0);
  const squares = degrees.reduce((total, degree) => total + degree * degree, 0);
  const growth = sum === 0 ? 0 : squares / sum;
  let length = longestCycle;
  while (length > 3 && degrees.length * growth ** (length - 1) > mostSteps) length -= 1;
  return length;
}

function pairId(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
