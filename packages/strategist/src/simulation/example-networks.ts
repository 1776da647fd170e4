/** Networks of the shape that campaigns have, without chemistry: what strategies are compared on. */
import { RandomStream } from "@alchemiscale/analysis";
import type { StrategyEdge, StrategyNetwork } from "../network/strategy-network.ts";

/** As many ligands, 16, and pairs, 24, as the TYK2 set of Wang et al., J. Am. Chem. Soc. 137, 2695 (2015) has; which pairs is drawn. */
export function tyk2LikeNetwork(): StrategyNetwork {
  return bindingNetwork(randomPairs(16, 24, "tyk2-like"));
}

/** One ligand in the middle, and 24 around it: no cycles. */
export function starNetwork(): StrategyNetwork {
  return bindingNetwork(Array.from({ length: 24 }, (_, leaf): [number, number] => [0, leaf + 1]));
}

/** 200 ligands, 400 pairs. */
export function largeNetwork(): StrategyNetwork {
  return bindingNetwork(randomPairs(200, 400, "200 ligands"));
}

/** A tree in which each ligand hangs on one near it, and then further pairs of ligands that are near each other. */
function randomPairs(ligands: number, pairs: number, seed: string): [number, number][] {
  const random = RandomStream.of(seed);
  const places = Array.from({ length: ligands }, (): [number, number] => [random.uniform(), random.uniform()]);
  const distance = (a: number, b: number): number => {
    const [[ax, ay], [bx, by]] = [places[a] ?? [0, 0], places[b] ?? [0, 0]];
    return Math.hypot(ax - bx, ay - by);
  };
  const chosen: [number, number][] = [];
  for (let b = 1; b < ligands; b += 1) {
    const nearest = Array.from({ length: b }, (_, a) => a).reduce((best, a) => (distance(a, b) < distance(best, b) ? a : best));
    chosen.push([nearest, b]);
  }
  const taken = new Set(chosen.map(String));
  const rest: [number, number][] = [];
  for (let b = 1; b < ligands; b += 1) for (let a = 0; a < b; a += 1) if (!taken.has(`${a},${b}`)) rest.push([a, b]);
  rest.sort((p, q) => distance(...p) - distance(...q));
  return [...chosen, ...rest].slice(0, pairs);
}

function bindingNetwork(pairs: readonly (readonly [number, number])[]): StrategyNetwork {
  const name = (ligand: number): string => `ligand-${String(ligand).padStart(3, "0")}`;
  const edges = pairs.flatMap(([a, b]) =>
    (["complex", "solvent"] as const).map(
      (leg): StrategyEdge => ({
        key: `Transformation-${name(a)}-${name(b)}-${leg}`,
        stateA: `${name(a)} ${leg}`,
        stateB: `${name(b)} ${leg}`,
        ligands: { from: name(a), to: name(b), leg },
        score: null,
        gpuHours: null,
        blocked: false,
      }),
    ),
  );
  return { systems: [...new Set(edges.flatMap(({ stateA, stateB }) => [stateA, stateB]))].sort(), edges };
}
