import { compareCodePoints } from "@alchemiscale/gufe";
import type { StrategyEdge, StrategyNetwork } from "../network/strategy-network.ts";

/** A difference f(to) − f(from), or an absolute value where `from` is null, that a network can give once each of its legs has a result. */
export interface PlannedMeasurement {
  /** Ligands; for what belongs to no pair of ligands, ChemicalSystems. `from` comes first in the order of code points. */
  readonly from: string | null;
  readonly to: string;
  /** Their estimates add up to the difference, with their signs. */
  readonly legs: readonly PlannedLeg[];
}

export interface PlannedLeg {
  /** What kind of calculation it is: those of one kind are about equally noisy. */
  readonly kind: string;
  readonly sign: 1 | -1;
  /** Any of them gives the leg; together, their average. */
  readonly edges: readonly { readonly edge: StrategyEdge; readonly sign: 1 | -1 }[];
}

/**
 * What the Transformations of a network measure. Binding is complex less solvent, or else hydration solvent less vacuum; in a network of one
 * environment each leg is a measurement itself. Transformations that fit in no complete pair measure the difference of their systems; those from
 * a system to itself measure nothing. (spec/analysis.md §4)
 */
export function measurementPlan({ edges }: StrategyNetwork): readonly PlannedMeasurement[] {
  const wanted = wantedLegs(edges);
  const pairs = new Map<string, StrategyEdge[]>();
  const others: StrategyEdge[] = [];
  for (const edge of edges) {
    if (edge.stateA === edge.stateB) continue;
    if (edge.ligands === null || edge.ligands.from === edge.ligands.to) others.push(edge);
    else if (edge.ligands.leg === "whole" || !wanted.includes(edge.ligands.leg)) group(pairs, edge, edge.ligands.leg);
    else group(pairs, edge, "pair");
  }
  const plan: PlannedMeasurement[] = [];
  for (const members of pairs.values()) {
    const legs = members[0]?.ligands?.leg;
    if (legs === "whole") plan.push(ofLigands(members, ["whole"]));
    else if (wanted.every((leg) => members.some(({ ligands }) => ligands?.leg === leg))) plan.push(ofLigands(members, wanted));
    else others.push(...members);
  }
  const bySystems = new Map<string, StrategyEdge[]>();
  for (const edge of others) {
    const [from, to] = ordered(edge.stateA, edge.stateB);
    const key = JSON.stringify([from, to]);
    bySystems.set(key, [...(bySystems.get(key) ?? []), edge]);
  }
  return [...plan, ...[...bySystems.values()].map(ofSystems)];
}

/** Differences of the graph: pairs of nodes, with null for the true zero. */
export function planNodes(plan: readonly PlannedMeasurement[]): string[] {
  return [...new Set(plan.flatMap(({ from, to }) => (from === null ? [to] : [from, to])))].sort(compareCodePoints);
}

function wantedLegs(edges: readonly StrategyEdge[]): readonly string[] {
  const present = new Set(edges.map(({ ligands }) => ligands?.leg));
  if (present.has("complex") && present.has("solvent")) return ["complex", "solvent"];
  if (present.has("solvent") && present.has("vacuum")) return ["solvent", "vacuum"];
  return ["complex", "solvent", "vacuum"].filter((leg) => present.has(leg as "complex"));
}

function group(pairs: Map<string, StrategyEdge[]>, edge: StrategyEdge, of: string): void {
  const { from = null, to = "" } = edge.ligands ?? {};
  const key = JSON.stringify([of, ...ordered(from, to)]);
  pairs.set(key, [...(pairs.get(key) ?? []), edge]);
}

/** Null, the true zero, comes first. */
function ordered(a: string | null, b: string): [string | null, string] {
  return a === null || compareCodePoints(a, b) <= 0 ? [a, b] : [b, a];
}

function ofLigands(members: readonly StrategyEdge[], legs: readonly string[]): PlannedMeasurement {
  const first = members[0]?.ligands;
  const [from, to] = ordered(first?.from ?? null, first?.to ?? "");
  return {
    from,
    to,
    legs: legs.map((leg, place) => ({
      kind: leg,
      sign: place === 0 ? 1 : -1,
      edges: members
        .filter(({ ligands }) => ligands?.leg === leg)
        .map((edge) => ({ edge, sign: edge.ligands?.from === from ? 1 : -1 })),
    })),
  };
}

function ofSystems(members: readonly StrategyEdge[]): PlannedMeasurement {
  const [from, to] = ordered(members[0]?.stateA ?? "", members[0]?.stateB ?? "");
  const edges = members.map((edge) => ({ edge, sign: edge.stateA === from ? (1 as const) : (-1 as const) }));
  return { from, to, legs: [{ kind: members[0]?.ligands?.leg ?? "systems", sign: 1, edges }] };
}
