/** Neighbours of each node, once each, without those that link to themselves: what is left of a multigraph where only reach counts. */
export type UndirectedGraph = ReadonlyMap<string, ReadonlySet<string>>;

export function undirectedGraph(nodes: Iterable<string>, links: Iterable<readonly [string, string]>): UndirectedGraph {
  const graph = new Map<string, Set<string>>();
  for (const node of nodes) graph.set(node, new Set());
  for (const [a, b] of links) {
    if (a === b) continue;
    graph.get(a)?.add(b);
    graph.get(b)?.add(a);
  }
  return graph;
}

/** Links on the shortest path to the farthest node that can be reached, for each node: O(V (V + E)). */
export function eccentricities(graph: UndirectedGraph): Map<string, number> {
  const result = new Map<string, number>();
  for (const start of graph.keys()) {
    const distances = new Map([[start, 0]]);
    let farthest = 0;
    // A Map is visited with what is added meanwhile: it is the queue.
    for (const [node, distance] of distances) {
      farthest = distance;
      for (const neighbour of graph.get(node) ?? []) if (!distances.has(neighbour)) distances.set(neighbour, distance + 1);
    }
    result.set(start, farthest);
  }
  return result;
}
