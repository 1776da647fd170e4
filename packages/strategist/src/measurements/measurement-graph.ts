import { pairKey } from "../network/pair-key.ts";
import { undirectedGraph } from "../network/undirected-graph.ts";
import type { PlannedMeasurement } from "./measurement-plan.ts";

/** The true zero, which absolute values link to, as a node. */
export const trueZero = "";

/** What would be lost of a network of planned measurements. Shares are of all pairs of nodes that are connected now. */
export interface Criticality {
  /** Share of pairs that the loss of this measurement would disconnect, for each: above 0 for bridges alone. */
  readonly bridgeShare: readonly number[];
  /** Share of pairs of others that the loss of this node would disconnect: above 0 for cut vertices alone. */
  readonly cutShare: ReadonlyMap<string, number>;
}

/**
 * Bridges and cut vertices of the undirected graph of nodes, with parallel measurements merged: a pair that is measured twice is no bridge.
 * (Tarjan, Inf. Process. Lett. 2, 160 (1974); O(V + E).)
 */
export function criticality(nodes: readonly string[], plan: readonly PlannedMeasurement[]): Criticality {
  const links = plan.map(({ from, to }): [string, string] => [from ?? trueZero, to]);
  const graph = undirectedGraph([...nodes, trueZero], links);
  const times = links.reduce(
    (counts, link) => counts.set(pairKey(link), (counts.get(pairKey(link)) ?? 0) + 1),
    new Map<string, number>(),
  );
  const bridges = new Map<string, number>();
  const cuts = new Map<string, number>();
  let connectedPairs = 0;
  const entered = new Map<string, number>();
  for (const root of graph.keys()) {
    if (entered.has(root)) continue;
    const { order, parent } = visit(graph, root, entered);
    const total = order.length;
    connectedPairs += (total * (total - 1)) / 2;
    const low = new Map<string, number>();
    const size = new Map<string, number>();
    /** Sizes of the parts that fall off when the node goes. */
    const parts = new Map<string, number[]>();
    for (const node of order.toReversed()) {
      const above = parent.get(node);
      let lowest = low.get(node) ?? Number.POSITIVE_INFINITY;
      for (const neighbour of graph.get(node) ?? []) {
        if (neighbour !== above && parent.get(neighbour) !== node) lowest = Math.min(lowest, entered.get(neighbour) ?? 0);
      }
      const own = (size.get(node) ?? 0) + 1;
      size.set(node, own);
      if (above === undefined) continue;
      size.set(above, (size.get(above) ?? 0) + own);
      low.set(above, Math.min(low.get(above) ?? Number.POSITIVE_INFINITY, lowest));
      const reached = entered.get(above) ?? 0;
      if (lowest > reached && times.get(pairKey([above, node])) === 1) bridges.set(pairKey([above, node]), own * (total - own));
      if (lowest >= reached) parts.set(above, [...(parts.get(above) ?? []), own]);
    }
    for (const [node, below] of parts) {
      const rest = total - 1 - below.reduce((sum, part) => sum + part, 0);
      const all = rest > 0 ? [...below, rest] : below;
      const lost = ((total - 1) ** 2 - all.reduce((sum, part) => sum + part ** 2, 0)) / 2;
      if (lost > 0) cuts.set(node, lost);
    }
  }
  const share = (pairs: number): number => (connectedPairs === 0 ? 0 : pairs / connectedPairs);
  return {
    bridgeShare: links.map((link) => share(bridges.get(pairKey(link)) ?? 0)),
    cutShare: new Map([...cuts].map(([node, lost]) => [node, share(lost)])),
  };
}

/** Depth first, without a stack of calls: networks may be long chains. */
function visit(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
  root: string,
  entered: Map<string, number>,
): { order: string[]; parent: Map<string, string> } {
  const order: string[] = [];
  const parent = new Map<string, string>();
  const open = [{ node: root, rest: [...(graph.get(root) ?? [])].values() }];
  entered.set(root, entered.size);
  order.push(root);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const { value: next, done } = top.rest.next();
    if (done === true) open.pop();
    else if (!entered.has(next)) {
      entered.set(next, entered.size);
      order.push(next);
      parent.set(next, top.node);
      open.push({ node: next, rest: [...(graph.get(next) ?? [])].values() });
    }
  }
  return { order, parent };
}
