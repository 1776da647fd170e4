import { connectedComponents } from "@alchemiscale/analysis";
import { compareCodePoints } from "@alchemiscale/gufe";
import { type Static, Type } from "typebox";
import { CovarianceDesign } from "../measurements/covariance-design.ts";
import { measurementPlan, type PlannedLeg, type PlannedMeasurement, planNodes } from "../measurements/measurement-plan.ts";
import { resultVariances } from "../measurements/result-variance.ts";
import type { StrategyEdge, StrategyNetwork } from "../network/strategy-network.ts";
import { type NetworkResults, noResults } from "../network/transformation-results.ts";
import { defineStrategy } from "../strategy.ts";
import { maxRuns, nativeModule, orNull, priorResults, priorSolventSpread, priorSpread } from "./setting-types.ts";

const UncertaintySettings = Type.Object({
  target_error: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
    default: 0.25,
    description: "kcal/mol; connected ligands whose mean standard error is at most this are done",
  }),
  max_runs: maxRuns(10),
  batch: orNull(
    Type.Integer({ minimum: 1 }),
    "for how many results to plan ahead, which about as many Tasks will be actioned for; null: a quarter of the number of Transformations",
  ),
  criterion: Type.Union([Type.Literal("ligands"), Type.Literal("pairs")], {
    default: "ligands",
    description: "whose errors count: those of ΔG of all ligands (and so of ΔΔG of all pairs), or of ΔΔG of the planned pairs",
  }),
  prior_spread: priorSpread,
  prior_solvent_spread: priorSolventSpread,
  prior_results: priorResults,
  ligand_spread: Type.Number({
    exclusiveMinimum: 0,
    default: 2,
    description: "kcal/mol; how much ligands are assumed to differ, before there are results",
  }),
});

/**
 * The next results where they lower the errors of the network most, per GPU hour: results are planned one after another, each where the fall of
 * the total variance over its cost is largest, as if those planned before had come (A-optimal design, greedily). The weight of a
 * Transformation is how many of the next `batch` results are planned for it, so that the others wait. A pair of which several legs have no
 * result yet is started with all of them; of legs with results, the one with more to gain goes on. Done is what has `max_runs`
 * results, and connected ligands whose mean standard error is within the target. (spec/strategies.md §11.3)
 */
export const uncertaintyStrategy = defineStrategy({
  module: nativeModule,
  qualname: "UncertaintyStrategy",
  version: 1,
  settingsClass: "UncertaintyStrategySettings",
  summary: "The next results where they lower the errors of the network most per GPU hour",
  settingsSchema: UncertaintySettings,
  propose(network, results, settings) {
    const weights = new Map<string, number | null>(network.edges.map(({ key }) => [key, null]));
    const groups = designGroups(network, results, settings);
    const open = groups.filter(({ design }) => settings.target_error === null || design.error > settings.target_error);
    for (const { measurements } of open) {
      for (const edge of measurements.flatMap(edgesOf)) {
        if ((results.get(edge.key) ?? noResults).n < settings.max_runs) weights.set(edge.key, 0);
      }
    }
    // Planning adds to the designs what has not come yet.
    const why = whyOf(groups, open.length, settings.target_error);
    const batch = settings.batch ?? Math.max(1, Math.round(network.edges.length / 4));
    for (const key of planResults(open, batch, settings.max_runs)) weights.set(key, (weights.get(key) ?? 0) + 1);
    return { weights, why };
  },
});

/** Ligands that planned measurements connect. */
interface DesignGroup {
  readonly design: CovarianceDesign;
  readonly measurements: readonly MeasurementState[];
}

interface MeasurementState {
  readonly measurement: PlannedMeasurement;
  readonly legs: readonly (readonly EdgeState[])[];
}

interface EdgeState {
  readonly edge: StrategyEdge;
  /** 1/s² of one result. */
  readonly precision: number;
  readonly cost: number;
  /** Results, with those planned. */
  n: number;
}

function designGroups(
  network: StrategyNetwork,
  results: NetworkResults,
  settings: Static<typeof UncertaintySettings>,
): DesignGroup[] {
  const plan = measurementPlan(network);
  const variances = resultVariances(plan, results, settings);
  const costs = expectedCosts(network.edges);
  const stateOf = ({ edges }: PlannedLeg): EdgeState[] =>
    edges.map(({ edge }) => ({
      edge,
      precision: 1 / (variances.get(edge.key) ?? 1),
      cost: costs.get(edge.key) ?? 1,
      n: (results.get(edge.key) ?? noResults).n,
    }));
  const states = plan.map((measurement) => ({ measurement, legs: measurement.legs.map(stateOf) }));
  const links = plan.map(({ from, to }): [string | null, string] => [from, to]);
  return connectedComponents<string | null>([null, ...planNodes(plan)], links).flatMap((group) => {
    const nodes = group.filter((node) => node !== null);
    const inside = new Set(nodes);
    const measurements = states.filter(({ measurement }) => inside.has(measurement.to));
    if (measurements.length === 0) return [];
    const planned = measurements.map(({ measurement }) => measurement);
    const { ligand_spread, criterion } = settings;
    return [
      { design: new CovarianceDesign(nodes, planned, measurements.map(precisionOf), ligand_spread, criterion), measurements },
    ];
  });
}

/** GPU hours of one more result; the mean of the known ones where it is unknown, and the same for all where none is known. */
function expectedCosts(edges: readonly StrategyEdge[]): Map<string, number> {
  const known = edges.flatMap(({ gpuHours }) => (gpuHours !== null && gpuHours > 0 ? [gpuHours] : []));
  const usual = known.length === 0 ? 1 : known.reduce((sum, hours) => sum + hours, 0) / known.length;
  return new Map(edges.map(({ key, gpuHours }) => [key, gpuHours !== null && gpuHours > 0 ? gpuHours : usual]));
}

/** 1/σ² of the measurement: 0 while a leg has no result. */
function precisionOf({ legs }: MeasurementState): number {
  return 1 / legs.reduce((sum, leg) => sum + 1 / leg.reduce((all, { n, precision }) => all + n * precision, 0), 0);
}

/** Results that make sense only together: one more of a leg, or the first of each leg that has none. */
interface Move {
  readonly group: DesignGroup;
  readonly state: MeasurementState;
  readonly edges: readonly EdgeState[];
  /** To the precision of the measurement. */
  readonly added: number;
  readonly cost: number;
}

/** Keys of Transformations, once for each result planned. */
function planResults(groups: readonly DesignGroup[], batch: number, maxRuns: number): string[] {
  const planned: string[] = [];
  const moves = new Map<MeasurementState, readonly Move[]>();
  for (const group of groups) for (const state of group.measurements) moves.set(state, movesOf(group, state, maxRuns));
  while (planned.length < batch) {
    const move = bestMove([...moves.values()].flat());
    if (move === undefined) break;
    for (const edge of move.edges) {
      edge.n += 1;
      planned.push(edge.edge.key);
    }
    move.group.design.add(move.state.measurement, move.added);
    moves.set(move.state, movesOf(move.group, move.state, maxRuns));
  }
  return planned;
}

function movesOf(group: DesignGroup, state: MeasurementState, maxRuns: number): Move[] {
  const before = precisionOf(state);
  const move = (edges: readonly EdgeState[]): Move => {
    for (const edge of edges) edge.n += 1;
    const added = precisionOf(state) - before;
    for (const edge of edges) edge.n -= 1;
    return { group, state, edges, added, cost: edges.reduce((sum, { cost }) => sum + cost, 0) };
  };
  const possible = state.legs.map((leg) => leg.filter(({ edge, n }) => !edge.blocked && n < maxRuns));
  const missing = state.legs.flatMap((leg, i) => (leg.every(({ n }) => n === 0) ? [possible[i] ?? []] : []));
  if (missing.length === 0) return possible.flat().map((edge) => move([edge]));
  const starts = missing.map((leg) => leg.toSorted((a, b) => b.precision / b.cost - a.precision / a.cost || byKey(a, b))[0]);
  const edges = starts.filter((edge) => edge !== undefined);
  return edges.length === starts.length ? [move(edges)] : [];
}

/** Rates closer than this are equal but for rounding; then keys decide, so that every implementation plans the same. */
const rounding = 1e-9;

/** The one by which the criterion falls most per GPU hour. */
function bestMove(moves: readonly Move[]): Move | undefined {
  const rates = moves.map(({ group, state, added, cost }) => group.design.gain(state.measurement, added) / cost);
  const best = rates.reduce((most, rate) => Math.max(most, rate), 0) * (1 - rounding);
  let first: Move | undefined;
  for (const [i, move] of moves.entries()) {
    if ((rates[i] as number) >= best && (first === undefined || byKey(move.edges[0], first.edges[0]) < 0)) first = move;
  }
  return first;
}

function byKey(a: EdgeState | undefined, b: EdgeState | undefined): number {
  return compareCodePoints(a?.edge.key ?? "", b?.edge.key ?? "");
}

function edgesOf({ legs }: MeasurementState): StrategyEdge[] {
  return legs.flat().map(({ edge }) => edge);
}

function whyOf(groups: readonly DesignGroup[], open: number, target: number | null): string {
  const worst = groups.reduce((most, { design }) => Math.max(most, design.error), 0).toFixed(2);
  if (open === 0) return `The mean standard error is ${worst} kcal/mol, within the target of ${target}`;
  const aim = target === null ? "" : `; the target is ${target}`;
  return `Where the next results lower the mean standard error of ${worst} kcal/mol most per GPU hour${aim}`;
}
