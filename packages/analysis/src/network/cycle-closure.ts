import { compareCodePoints } from "@alchemiscale/gufe";
import { InvalidInput } from "../invalid-input.ts";
import { ligandsOf } from "./solve-network.ts";

/** A measured difference f(to) − f(from) between two ligands, kcal/mol; σ may be 0 here. */
export interface MeasuredDifference {
  readonly from: string;
  readonly to: string;
  readonly value: number;
  readonly sigma: number;
}

/** A closed way over the network, whose differences should add up to 0. kcal/mol. */
export interface ClosedCycle {
  /** In the order of the way, each once. */
  readonly ligands: readonly string[];
  /** |Σ d|. */
  readonly closure: number;
  /** closure / √(number of edges): comparable between cycles of different lengths. */
  readonly perEdge: number;
  /** closure / √(Σ σ²): how many standard deviations it is off; null where all σ are 0. */
  readonly normalized: number | null;
}

/** An edge by the cycles that it is in: high values point at edges that do not fit. */
export interface EdgeClosure {
  readonly ligands: readonly [string, string];
  readonly cycles: number;
  /** Mean and maximum of `perEdge` over its cycles. */
  readonly mean: number;
  readonly max: number;
}

export interface CycleClosure {
  /** Largest closure first. */
  readonly cycles: readonly ClosedCycle[];
  /** Largest mean first. Edges in no cycle are not listed. */
  readonly edges: readonly EdgeClosure[];
}

export interface CycleClosureOptions {
  /** Ligands in a cycle at most; the number of cycles grows exponentially with it. */
  readonly longest?: number;
  /**
   * Several measurements of one pair. `combine`: their average weighted by 1/σ². `cinnabar`: as cinnabar 0.6.1 does, the last one in the
   * direction that networkx walks the cycle, or else the last one in the other; and a measurement of a ligand against itself is a cycle of one.
   */
  readonly parallel?: "combine" | "cinnabar";
}

/**
 * How well the cycles of a network close. All simple cycles up to a length, on the undirected graph of ligands; a difference that is walked
 * against its direction changes its sign. (Baumann et al., J. Chem. Theory Comput. 19, 5058 (2023); spec/analysis.md §6)
 * @throws {InvalidInput} for values that are not finite, or negative σ
 */
export function cycleClosure(
  differences: readonly MeasuredDifference[],
  { longest = 5, parallel = "combine" }: CycleClosureOptions = {},
): CycleClosure {
  for (const [i, { value, sigma }] of differences.entries()) {
    if (!Number.isFinite(value)) throw new InvalidInput(`differences[${i}].value`, `is ${value}; it must be a finite number`);
    if (!(Number.isFinite(sigma) && sigma >= 0))
      throw new InvalidInput(`differences[${i}].sigma`, `is ${sigma}; it must be a finite number, 0 or above`);
  }
  const steps = parallel === "combine" ? combinedSteps(differences) : lastSteps(differences);
  const graph = parallel === "combine" ? neighboursIn(ligandsOf(differences), steps) : networkxNeighbours(differences);
  const cycles = [...selfCycles(steps), ...simpleCycles(graph, longest)]
    .map((cycle) => closedCycle(cycle, steps))
    .sort((a, b) => b.closure - a.closure);
  return { cycles, edges: edgeClosures(cycles) };
}

interface Step {
  readonly value: number;
  readonly sigma: number;
}

/** What a step from one ligand to another gives: steps.get(from)?.get(to). */
type Steps = ReadonlyMap<string, ReadonlyMap<string, Step>>;

function combinedSteps(differences: readonly MeasuredDifference[]): Steps {
  const byPair = new Map<string, Map<string, Step[]>>();
  const add = (from: string, to: string, step: Step): void => {
    const row = byPair.get(from) ?? new Map<string, Step[]>();
    byPair.set(from, row.set(to, [...(row.get(to) ?? []), step]));
  };
  for (const { from, to, value, sigma } of differences) {
    if (from === to) continue;
    add(from, to, { value, sigma });
    add(to, from, { value: -value, sigma });
  }
  return new Map([...byPair].map(([from, row]) => [from, new Map([...row].map(([to, steps]) => [to, weightedMean(steps)]))]));
}

/** Average by inverse variance; measurements with σ = 0 leave no room for others. */
function weightedMean(steps: readonly Step[]): Step {
  const [only] = steps;
  if (only !== undefined && steps.length === 1) return only;
  const exact = steps.filter(({ sigma }) => sigma === 0);
  const used = exact.length > 0 ? exact.map(({ value }) => ({ value, sigma: 1 })) : steps;
  let weights = 0;
  let sum = 0;
  for (const { value, sigma } of used) {
    weights += 1 / sigma ** 2;
    sum += value / sigma ** 2;
  }
  return { value: sum / weights, sigma: exact.length > 0 ? 0 : Math.sqrt(1 / weights) };
}

function lastSteps(differences: readonly MeasuredDifference[]): Steps {
  const steps = new Map<string, Map<string, Step>>();
  const set = (from: string, to: string, step: Step): void => {
    steps.set(from, (steps.get(from) ?? new Map<string, Step>()).set(to, step));
  };
  for (const { from, to, value, sigma } of differences) set(to, from, { value: -value, sigma });
  for (const { from, to, value, sigma } of differences) set(from, to, { value, sigma });
  return steps;
}

/** The other ligands that each has a difference to. */
type Neighbours = ReadonlyMap<string, ReadonlySet<string>>;

function neighboursIn(ligands: readonly string[], steps: Steps): Neighbours {
  return new Map(ligands.map((ligand) => [ligand, new Set(steps.get(ligand)?.keys())]));
}

/**
 * In the order of the graph that networkx searches for cinnabar, which decides where a cycle begins and which way it goes: the table of
 * differences, sorted by label, becomes a directed graph, this an undirected one, and that one without loops.
 */
function networkxNeighbours(differences: readonly MeasuredDifference[]): Neighbours {
  const sorted = [...differences].sort((a, b) => compareCodePoints(a.from, b.from) || compareCodePoints(a.to, b.to));
  const directed = new Map(sorted.flatMap(({ from, to }) => [from, to].map((ligand) => [ligand, new Set<string>()])));
  for (const { from, to } of sorted) directed.get(from)?.add(to);
  const undirected = joined(directed, directed.keys());
  return joined(new Map([...undirected].map(([ligand, others]) => [ligand, others.difference(new Set([ligand]))])), []);
}

/** Edges that are added one after the other, each to both of its ends. */
function joined(edges: Neighbours, ligands: Iterable<string>): Map<string, Set<string>> {
  const neighbours = new Map([...ligands].map((ligand) => [ligand, new Set<string>()]));
  const meet = (one: string, other: string): void => {
    neighbours.set(one, (neighbours.get(one) ?? new Set<string>()).add(other));
  };
  for (const [ligand, others] of edges) {
    for (const other of others) {
      meet(ligand, other);
      meet(other, ligand);
    }
  }
  return neighbours;
}

function selfCycles(steps: Steps): string[][] {
  return [...steps].flatMap(([ligand, row]) => (row.has(ligand) ? [[ligand]] : []));
}

/** Every simple cycle of three or more once: from its first ligand, towards whichever of its two neighbours in it that one has first. */
function simpleCycles(graph: Neighbours, longest: number): string[][] {
  const ligands = [...graph.keys()];
  const places = new Map(ligands.map((ligand, place) => [ligand, place]));
  const neighbours = ligands.map((ligand) => [...(graph.get(ligand) ?? [])].map((other) => places.get(other) as number));
  const cycles: number[][] = [];
  const way: number[] = [];
  const onWay = new Uint8Array(ligands.length);
  /** Where each stands among the neighbours of the start. */
  const rank = new Int32Array(ligands.length);
  // The depth is at most `longest`: no explicit stack is needed.
  const walk = (place: number, start: number): void => {
    way.push(place);
    onWay[place] = 1;
    for (const next of neighbours[place] as number[]) {
      if (next === start) {
        if (way.length > 2 && (rank[way[1] as number] as number) < (rank[place] as number)) cycles.push([...way]);
      } else if (next > start && onWay[next] === 0 && way.length < longest) walk(next, start);
    }
    onWay[place] = 0;
    way.pop();
  };
  for (const start of ligands.keys()) {
    for (const [i, other] of (neighbours[start] as number[]).entries()) rank[other] = i;
    walk(start, start);
  }
  return cycles.map((cycle) => cycle.map((place) => ligands[place] as string));
}

function closedCycle(ligands: readonly string[], steps: Steps): ClosedCycle {
  let sum = 0;
  let variance = 0;
  for (const [i, ligand] of ligands.entries()) {
    const step = steps.get(ligand)?.get(ligands[(i + 1) % ligands.length] as string) as Step;
    sum += step.value;
    variance += step.sigma ** 2;
  }
  const closure = Math.abs(sum);
  return {
    ligands,
    closure,
    perEdge: closure / Math.sqrt(ligands.length),
    normalized: variance > 0 ? closure / Math.sqrt(variance) : null,
  };
}

function edgeClosures(cycles: readonly ClosedCycle[]): EdgeClosure[] {
  const byEdge = new Map<string, { readonly ligands: readonly [string, string]; readonly values: number[] }>();
  for (const { ligands, perEdge } of cycles) {
    for (const [i, ligand] of ligands.entries()) {
      const pair = [ligand, ligands[(i + 1) % ligands.length] as string].sort(compareCodePoints) as [string, string];
      const key = JSON.stringify(pair);
      const edge = byEdge.get(key) ?? { ligands: pair, values: [] };
      edge.values.push(perEdge);
      byEdge.set(key, edge);
    }
  }
  return [...byEdge.values()]
    .map(({ ligands, values }) => ({
      ligands,
      cycles: values.length,
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      max: Math.max(...values),
    }))
    .sort((a, b) => b.mean - a.mean);
}
