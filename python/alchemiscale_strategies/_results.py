"""What is known of the results of each Transformation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gufe import AlchemicalNetwork, ProtocolResult
from gufe.tokenization import GufeKey
from openff.units import Quantity

from ._plan import Measurement

#: Protocols that pool all results in one estimate, whose error shrinks with each.
POOLING = {
    "FahNonEquilibriumCyclingProtocol",
    "HarmonicSwitchingProtocol",
    "NonEquilibriumCyclingProtocol",
}
#: Degrees of freedom that the error of such an estimate counts as, for each result.
POOLED_DOF = 10


@dataclass(frozen=True)
class Summary:
    """Energies in kcal/mol. ``spread``: standard deviation of one result, None where unknown."""

    n: int = 0
    estimate: float | None = None
    spread: float | None = None
    dof: float = 0


class Summaries(dict[GufeKey, Summary]):
    """By key of the Transformation."""

    def of(self, key: GufeKey) -> Summary:
        """The summary of a Transformation, also where it has no result."""
        return self.get(key, Summary())


Results = Mapping[GufeKey, ProtocolResult | None]


def count(results: Results, key: GufeKey) -> int:
    """Results of a Transformation."""
    result = results.get(key)
    return 0 if result is None else result.n_protocol_dag_results


def summaries(network: AlchemicalNetwork, results: Results) -> Summaries:
    """What strategies use of the estimates of protocol results."""
    found = Summaries()
    for edge in network.edges:
        result = results.get(edge.key)
        if result is not None:
            found[edge.key] = _summary(result, edge.protocol)
    return found


def _summary(result: ProtocolResult, protocol) -> Summary:
    n = result.n_protocol_dag_results
    if n == 0:
        return Summary()
    estimate, error = _energy(result.get_estimate()), _energy(result.get_uncertainty())
    if error is None or error <= 0 or not math.isfinite(error):
        return Summary(n, estimate)
    if type(protocol).__qualname__ in POOLING:
        return Summary(n, estimate, error * math.sqrt(n), POOLED_DOF * n)
    repeats = getattr(protocol.settings, "protocol_repeats", 1)
    if n * repeats < 2:
        return Summary(n, estimate)
    return Summary(n, estimate, error / math.sqrt(repeats), n * repeats - 1)


def _energy(value) -> float | None:
    if value is None:
        return None
    return float(value.m_as("kilocalorie_per_mole") if isinstance(value, Quantity) else value)


def result_variances(
    plan: Sequence[Measurement], results: Summaries, settings
) -> dict[GufeKey, float]:
    """Variance of one result: what was seen, averaged with what is usual for legs of the kind."""
    kinds: dict[str, dict[GufeKey, tuple[float, float]]] = {}
    for measurement in plan:
        for leg in measurement.legs:
            for edge, _ in leg.edges:
                summary = results.of(edge.key)
                dof = 0 if summary.spread is None else summary.dof
                squares = 0.0 if summary.spread is None else dof * summary.spread**2
                kinds.setdefault(leg.kind, {})[edge.key] = (dof, squares)
    prior = settings.prior_results
    variances = {}
    for kind, seen in kinds.items():
        is_solvent = kind in ("solvent", "vacuum")
        assumed = settings.prior_solvent_spread if is_solvent else settings.prior_spread
        usual = (prior * assumed**2 + sum(squares for _, squares in seen.values())) / (
            prior + sum(dof for dof, _ in seen.values())
        )
        for key, (dof, squares) in seen.items():
            variances[key] = (prior * usual + squares) / (prior + dof)
    return variances


def measured_value(
    measurement: Measurement, results: Summaries, variances: Mapping[GufeKey, float]
) -> tuple[float, float] | None:
    """Value and variance of a measurement; None while a leg has no estimate."""
    value, variance = 0.0, 0.0
    for leg in measurement.legs:
        precision, total = 0.0, 0.0
        for edge, sign in leg.edges:
            summary = results.of(edge.key)
            if summary.n == 0 or summary.estimate is None:
                continue
            own = summary.n / variances[edge.key]
            precision += own
            total += own * sign * summary.estimate
        if precision == 0:
            return None
        value += leg.sign * total / precision
        variance += 1 / precision
    return value, variance
