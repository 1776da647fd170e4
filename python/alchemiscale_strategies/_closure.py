"""How well cycles close."""

from __future__ import annotations

import math
from collections.abc import Sequence

import networkx as nx

from ._plan import Measurement


def cycle_closures(
    measured: Sequence[tuple[Measurement, float, float]], longest: int
) -> dict[frozenset[str], tuple[float, float]]:
    """Mean and maximum of the closure error per edge over the cycles of each pair.

    Pairs in no cycle have no entry. Parallel measurements are averaged by their precision.
    """
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for measurement, value, variance in measured:
        pair = measurement.start, measurement.end
        weight, total = sums.get(pair, (0.0, 0.0))
        sums[pair] = weight + 1 / variance, total + value / variance
    graph = nx.Graph()
    for (start, end), (weight, total) in sums.items():
        graph.add_edge(start, end, start=start, value=total / weight)
    errors: dict[frozenset[str], list[float]] = {}
    for cycle in nx.simple_cycles(graph, length_bound=longest):
        steps = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        total = 0.0
        for a, b in steps:
            data = graph.edges[a, b]
            total += data["value"] if data["start"] == a else -data["value"]
        for a, b in steps:
            errors.setdefault(frozenset((a, b)), []).append(abs(total) / math.sqrt(len(cycle)))
    return {pair: (sum(values) / len(values), max(values)) for pair, values in errors.items()}
