"""Strategies that alchemiscale's own strategist runs, as classes that stratocaster clients can use.

They propose the same weights as the strategist does from the same results; what only a server knows
(the cost of Transformations, and which of them are blocked by errors) is left out here. The module
path is part of every key of theirs and never changes. ``docs/strategies.md`` has the formulas.
"""

from __future__ import annotations

from typing import Annotated, Literal

from gufe import AlchemicalNetwork, ProtocolResult
from gufe.tokenization import GufeKey
from pydantic import ConfigDict, Field
from stratocaster.base import Strategy, StrategyResult
from stratocaster.base.models import StrategySettings

from ._closure import cycle_closures
from ._design import plan_results
from ._graph import criticality
from ._plan import Measurement, measurement_plan, network_edges
from ._results import count, measured_value, result_variances, summaries

__all__ = [
    "CriticalityStrategy",
    "CriticalityStrategySettings",
    "CycleClosureStrategy",
    "CycleClosureStrategySettings",
    "MappingScoreStrategy",
    "MappingScoreStrategySettings",
    "UncertaintyStrategy",
    "UncertaintyStrategySettings",
]

Weights = dict[GufeKey, float | None]

# Settings of several strategies. No base class: the order of the fields would change.
_MaxRuns = Annotated[int, Field(ge=1, description="a Transformation with so many results is done")]
_DecayRate = Annotated[float, Field(gt=0, lt=1, description="factor for each result")]
_PriorSpread = Annotated[
    float,
    Field(
        gt=0,
        description="kcal/mol; standard deviation of one result that is assumed before there are "
        "results",
    ),
]
_PriorSolventSpread = Annotated[
    float, Field(gt=0, description="the same of legs in solvent and vacuum")
]
_PriorResults = Annotated[
    float, Field(gt=0, description="how many results the assumed standard deviation counts as")
]


class _Settings(StrategySettings):
    model_config = ConfigDict(extra="forbid")


class UncertaintyStrategySettings(_Settings):
    """Settings of :class:`UncertaintyStrategy`."""

    target_error: float | None = Field(
        default=0.25,
        gt=0,
        description="kcal/mol; connected ligands whose mean standard error is at most this "
        "are done",
    )
    max_runs: _MaxRuns = 10
    batch: int | None = Field(
        default=None,
        ge=1,
        description="for how many results to plan ahead, which about as many Tasks will be "
        "actioned for; null: a quarter of the number of Transformations",
    )
    criterion: Literal["ligands", "pairs"] = Field(
        default="ligands",
        description="whose errors count: those of ΔG of all ligands (and so of ΔΔG of all pairs), "
        "or of ΔΔG of the planned pairs",
    )
    prior_spread: _PriorSpread = 0.5
    prior_solvent_spread: _PriorSolventSpread = 0.2
    prior_results: _PriorResults = 3.0
    ligand_spread: float = Field(
        default=2.0,
        gt=0,
        description="kcal/mol; how much ligands are assumed to differ, before there are results",
    )


class CriticalityStrategySettings(_Settings):
    """Settings of :class:`CriticalityStrategy`."""

    bridge_runs: int = Field(
        default=3, ge=1, description="results wanted where a failure would disconnect ligands"
    )
    cut_vertex_runs: int = Field(
        default=2, ge=1, description="results wanted at ligands that others hang on"
    )
    other_runs: int = Field(default=1, ge=0, description="results wanted of all others")
    decay_rate: _DecayRate = 0.5


class MappingScoreStrategySettings(_Settings):
    """Settings of :class:`MappingScoreStrategy`."""

    max_runs: _MaxRuns = 3
    decay_rate: _DecayRate = 0.5
    missing_score: float = Field(default=0.5, ge=0, le=1, description="score of what has none")
    minimum_score: float = Field(
        default=0.0, ge=0, le=1, description="what scores less is never computed"
    )
    share_of_best: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="what has less than this share of the largest weight waits",
    )


class CycleClosureStrategySettings(_Settings):
    """Settings of :class:`CycleClosureStrategy`."""

    tolerance: float = Field(
        default=0.5,
        gt=0,
        description="kcal/mol; a cycle of m pairs closes when its differences add up to at most "
        "this times √m",
    )
    longest_cycle: int = Field(default=5, ge=3, le=8, description="ligands in a cycle at most")
    max_runs: _MaxRuns = 5
    decay_rate: _DecayRate = 0.5
    prior_spread: _PriorSpread = 0.5
    prior_solvent_spread: _PriorSolventSpread = 0.2
    prior_results: _PriorResults = 3.0


class _WholeNetworkStrategy(Strategy):
    """Needs the whole network at once: a component never holds both legs of a pair."""

    @classmethod
    def _default_settings(cls) -> StrategySettings:
        return cls._settings_cls()

    def propose(
        self,
        alchemical_network: AlchemicalNetwork,
        protocol_results: dict[GufeKey, ProtocolResult | None],
    ) -> StrategyResult:
        """Raw weights by key of the Transformation; ``None``: done, 0: later."""
        return self._propose(alchemical_network, protocol_results)


class UncertaintyStrategy(_WholeNetworkStrategy):
    """The next results where they lower the errors of the network most."""

    _settings_cls = UncertaintyStrategySettings

    def _propose(self, alchemical_network, protocol_results) -> StrategyResult:
        edges = network_edges(alchemical_network)
        results = summaries(alchemical_network, protocol_results)
        return StrategyResult(plan_results(edges, results, self.settings))


class CriticalityStrategy(_WholeNetworkStrategy):
    """What ligands hang on first: bridges, then pairs at cut vertices, then the rest."""

    _settings_cls = CriticalityStrategySettings

    def _propose(self, alchemical_network, protocol_results) -> StrategyResult:
        settings = self.settings
        edges = network_edges(alchemical_network)
        plan = measurement_plan(edges)
        bridges, cuts = criticality(plan)
        runs = [settings.bridge_runs, settings.cut_vertex_runs, settings.other_runs]
        weights: Weights = {edge.key: None for edge in edges}
        wanted = []
        for measurement, bridge in zip(plan, bridges, strict=True):
            cut = max(cuts.get(measurement.start, 0.0), cuts.get(measurement.end, 0.0))
            tier = 0 if bridge > 0 else 1 if cut > 0 else 2
            for edge in measurement.edges:
                n = count(protocol_results, edge.key)
                if n < runs[tier]:
                    wanted.append((edge.key, tier, n, max(bridge, cut)))
        current = min((tier for _, tier, n, _ in wanted if n == 0), default=2)
        for key, tier, n, share in wanted:
            weights[key] = 0.0 if tier > current else settings.decay_rate**n * (1 + share)
        return StrategyResult(weights)


class MappingScoreStrategy(_WholeNetworkStrategy):
    """Transformations with high mapping scores first."""

    _settings_cls = MappingScoreStrategySettings

    def _propose(self, alchemical_network, protocol_results) -> StrategyResult:
        settings = self.settings
        weights: Weights = {}
        for edge in network_edges(alchemical_network):
            n = count(protocol_results, edge.key)
            score = settings.missing_score if edge.score is None else edge.score
            done = n >= settings.max_runs or score < settings.minimum_score
            weights[edge.key] = None if done else settings.decay_rate**n * score
        best = max((weight for weight in weights.values() if weight is not None), default=0.0)
        for key, weight in weights.items():
            if weight is None:
                continue
            if weight < best * settings.share_of_best:
                weights[key] = 0.0
            elif weight == 0 and best == 0:
                weights[key] = 1.0
        return StrategyResult(weights)


class CycleClosureStrategy(_WholeNetworkStrategy):
    """Everything once, then again what does not close."""

    _settings_cls = CycleClosureStrategySettings

    def _propose(self, alchemical_network, protocol_results) -> StrategyResult:
        settings = self.settings
        edges = network_edges(alchemical_network)
        results = summaries(alchemical_network, protocol_results)
        plan = [measurement for measurement in measurement_plan(edges) if measurement.start]
        variances = result_variances(plan, results, settings)
        measured: list[tuple[Measurement, float, float]] = []
        for measurement in plan:
            value = measured_value(measurement, results, variances)
            if value is not None:
                measured.append((measurement, *value))
        closures = cycle_closures(measured, settings.longest_cycle)
        weights: Weights = {edge.key: None for edge in edges}
        for measurement in plan:
            mean, largest = closures.get(frozenset((measurement.start, measurement.end)), (0, 0))
            for edge in measurement.edges:
                n = results.of(edge.key).n
                if n == 0:
                    weights[edge.key] = 1.0
                elif largest > settings.tolerance and n < settings.max_runs:
                    weights[edge.key] = settings.decay_rate**n * (mean / settings.tolerance)
        return StrategyResult(weights)
