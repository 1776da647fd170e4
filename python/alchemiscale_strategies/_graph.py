"""Bridges and cut vertices of what is planned."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx

from ._plan import Measurement


def criticality(plan: Sequence[Measurement]) -> tuple[list[float], dict[str, float]]:
    """Shares of connected pairs of nodes that would be lost with each measurement, and node."""
    graph = nx.Graph()
    graph.add_node("")
    times: dict[frozenset[str], int] = {}
    for measurement in plan:
        graph.add_edge(measurement.start, measurement.end)
        pair = frozenset((measurement.start, measurement.end))
        times[pair] = times.get(pair, 0) + 1
    total = _pairs(graph)
    bridges = {}
    for a, b in nx.bridges(graph):
        if times[frozenset((a, b))] == 1:
            rest = graph.copy()
            rest.remove_edge(a, b)
            bridges[frozenset((a, b))] = (total - _pairs(rest)) / total
    cuts = {}
    for node in nx.articulation_points(graph):
        rest = graph.copy()
        rest.remove_node(node)
        # pairs with the node itself are not counted as lost
        own = len(nx.node_connected_component(graph, node)) - 1
        cuts[node] = (total - own - _pairs(rest)) / total
    shares = [bridges.get(frozenset((each.start, each.end)), 0.0) for each in plan]
    return shares, cuts


def _pairs(graph: nx.Graph) -> float:
    return sum(len(part) * (len(part) - 1) / 2 for part in nx.connected_components(graph))
