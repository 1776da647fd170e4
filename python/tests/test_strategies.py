"""Strategies as a client uses them."""

from __future__ import annotations

import pytest

pytest.importorskip("stratocaster")

from gufe import ProtocolResult  # noqa: E402
from gufe.tokenization import GufeTokenizable, KeyedChain  # noqa: E402
from stratocaster.tests.networks import fanning_network  # noqa: E402

import alchemiscale_strategies as strategies  # noqa: E402

CLASSES = [getattr(strategies, name) for name in strategies.__all__ if name.endswith("Strategy")]


class Results(ProtocolResult):
    def get_estimate(self):
        return 0.0

    def get_uncertainty(self):
        return 0.4 if self.n_protocol_dag_results > 1 else 0.0


@pytest.mark.parametrize("strategy_class", CLASSES)
def test_survives_serialization_under_the_same_module(strategy_class):
    strategy = strategy_class(strategy_class.default_settings())
    chain = KeyedChain.from_gufe(strategy).to_keyed_chain_rep()
    assert chain[-1][1]["__module__"] == "alchemiscale_strategies"
    again = GufeTokenizable.from_dict(strategy.to_dict())
    assert again.key == strategy.key


@pytest.mark.parametrize("strategy_class", CLASSES)
def test_ends_when_what_it_proposes_is_done(strategy_class):
    network = fanning_network()
    strategy = strategy_class(strategy_class.default_settings())
    counts: dict = {}
    for _ in range(200):
        results = {key: Results(n_protocol_dag_results=n) for key, n in counts.items()}
        weights = strategy.propose(network, results).weights
        assert set(weights) == {edge.key for edge in network.edges}
        if all(weight is None for weight in weights.values()):
            return
        for key, weight in weights.items():
            if weight:
                counts[key] = counts.get(key, 0) + 1
    pytest.fail("200 iterations were not enough")


def test_refuses_unknown_settings():
    with pytest.raises(ValueError, match="surprise"):
        strategies.UncertaintyStrategySettings(surprise=1)
