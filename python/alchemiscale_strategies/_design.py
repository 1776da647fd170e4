"""Where the next results lower the errors of a network most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from gufe.tokenization import GufeKey

from ._plan import Edge, Measurement, measurement_plan
from ._results import Summaries, result_variances

#: Rates closer than this are equal but for rounding; then keys decide.
ROUNDING = 1e-9


@dataclass(eq=False)
class _EdgeState:
    key: GufeKey
    precision: float
    n: int


@dataclass(frozen=True, eq=False)
class _State:
    measurement: Measurement
    legs: list[list[_EdgeState]]

    def precision(self) -> float:
        """1/σ² of the measurement; 0 while a leg has no result."""
        variance = 0.0
        for leg in self.legs:
            own = sum(edge.n * edge.precision for edge in leg)
            if own == 0:
                return 0.0
            variance += 1 / own
        return 1 / variance


class _Design:
    """The covariance of connected ligands, and what further measurements would change."""

    def __init__(self, nodes: list[str], states: list[_State], tau: float, criterion: str):
        self.states = states
        places = {node: place for place, node in enumerate(nodes)}
        self.vectors = {}
        fisher = np.eye(len(nodes)) / tau**2
        for state in states:
            vector = np.zeros(len(nodes))
            vector[places[state.measurement.end]] = 1
            if state.measurement.start:
                vector[places[state.measurement.start]] = -1
            self.vectors[state] = vector
            fisher += state.precision() * np.outer(vector, vector)
        self.covariance = np.linalg.inv(fisher)
        if criterion == "pairs":
            self.metric = sum(np.outer(vector, vector) for vector in self.vectors.values())
            self.terms = len(states)
        else:
            self.metric = np.eye(len(nodes))
            if all(state.measurement.start for state in states):
                self.metric -= 1 / len(nodes)
            self.terms = len(nodes)

    @property
    def error(self) -> float:
        """Root of the mean variance."""
        total = np.sum(self.covariance * self.metric)
        return math.sqrt(max(0.0, total) / self.terms)

    def gain(self, state: _State, added: float) -> float:
        """By how much the criterion falls when the precision of a measurement grows."""
        vector = self.vectors[state]
        change = self.covariance @ vector
        return added * (change @ self.metric @ change) / (1 + added * (vector @ change))

    def add(self, state: _State, added: float) -> None:
        """Adds to the precision of a measurement."""
        vector = self.vectors[state]
        change = self.covariance @ vector
        factor = added / (1 + added * (vector @ change))
        self.covariance -= factor * np.outer(change, change)


def plan_results(
    edges: Sequence[Edge], results: Summaries, settings
) -> dict[GufeKey, float | None]:
    """The weights of :class:`UncertaintyStrategy`."""
    weights: dict[GufeKey, float | None] = {edge.key: None for edge in edges}
    designs = _designs(edges, results, settings)
    target = settings.target_error
    still_open = [each for each in designs if target is None or each.error > target]
    for design in still_open:
        for state in design.states:
            for leg in state.legs:
                for edge in leg:
                    if edge.n < settings.max_runs:
                        weights[edge.key] = 0.0
    # half away from zero, as JavaScript rounds
    batch = settings.batch or max(1, math.floor(len(edges) / 4 + 0.5))
    planned = 0
    while planned < batch:
        moves = [
            (design, state, move, added, design.gain(state, added) / len(move))
            for design in still_open
            for state in design.states
            for move, added in _moves(state, settings.max_runs)
        ]
        if not moves:
            break
        best = max(rate for *_, rate in moves) * (1 - ROUNDING)
        nearly = [each for each in moves if each[-1] >= best]
        design, state, move, added, _ = min(nearly, key=lambda each: each[2][0].key)
        design.add(state, added)
        for edge in move:
            edge.n += 1
            planned += 1
            weights[edge.key] = (weights[edge.key] or 0.0) + 1
    return weights


def _moves(state: _State, max_runs: int) -> list[tuple[list[_EdgeState], float]]:
    possible = [[edge for edge in leg if edge.n < max_runs] for leg in state.legs]
    missing = [
        able
        for leg, able in zip(state.legs, possible, strict=True)
        if all(edge.n == 0 for edge in leg)
    ]
    if not missing:
        return [([edge], _added(state, [edge])) for able in possible for edge in able]
    if not all(missing):
        return []
    start = [min(able, key=lambda edge: (-edge.precision, edge.key)) for able in missing]
    return [(start, _added(state, start))]


def _added(state: _State, move: list[_EdgeState]) -> float:
    before = state.precision()
    for edge in move:
        edge.n += 1
    after = state.precision()
    for edge in move:
        edge.n -= 1
    return after - before


def _designs(edges: Sequence[Edge], results: Summaries, settings) -> list[_Design]:
    plan = measurement_plan(edges)
    variances = result_variances(plan, results, settings)
    graph = nx.Graph()
    for measurement in plan:
        graph.add_edge(measurement.start, measurement.end)
    designs = []
    for part in nx.connected_components(graph):
        states = [
            _State(
                measurement,
                [
                    [
                        _EdgeState(edge.key, 1 / variances[edge.key], results.of(edge.key).n)
                        for edge, _ in leg.edges
                    ]
                    for leg in measurement.legs
                ],
            )
            for measurement in plan
            if measurement.end in part
        ]
        nodes = sorted(part - {""})
        designs.append(_Design(nodes, states, settings.ligand_spread, settings.criterion))
    return designs
