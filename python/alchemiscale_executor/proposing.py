"""What a Strategy proposes for a network, from the ProtocolResults of its Transformations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gufe import AlchemicalNetwork
from gufe.protocols import ProtocolResult
from gufe.tokenization import GufeTokenizable

from .errors import ExecutorError
from .files import read_gufe
from .kept_objects import kept_object
from .request_fields import absolute_path


@dataclass
class ProposeRequest:
    """A ``propose`` request; fields as in ``docs/python-executor.md``."""

    strategy: Path
    network: Path
    results: dict
    memory_limit: int | None = None


def propose(request: ProposeRequest) -> dict[str, Any]:
    """Ask the Strategy for weights; reply of kind ``proposed``.

    Raises
    ------
    ExecutorError
        Where a file holds something else, or the Strategy gave no weights.
    """
    try:
        from stratocaster.base import Strategy
    except ImportError as error:
        raise ExecutorError(
            "class_unavailable", f"strategies need stratocaster, which is not here: {error}"
        ) from error
    strategy = kept_object(request.strategy, read_gufe)
    network, labels = kept_object(request.network, _labelled)
    if not isinstance(strategy, Strategy):
        raise _wrong_type(request.strategy, strategy, "Strategy")
    if not isinstance(network, AlchemicalNetwork):
        raise _wrong_type(request.network, network, "AlchemicalNetwork")
    # as the strategist of alchemiscale asks: every Transformation has an entry
    results: dict[Any, ProtocolResult | None] = {edge.key: None for edge in network.edges}
    for key in results:
        file = request.results.get(labels.get(key, str(key)))
        if file is None:
            continue
        path = absolute_path("results", file)
        result = kept_object(path, read_gufe)
        if not isinstance(result, ProtocolResult):
            raise _wrong_type(path, result, "ProtocolResult")
        results[key] = result
    try:
        weights = strategy.propose(network, results).weights
        return {
            "reply": "proposed",
            "weights": {labels.get(k, str(k)): _weight(k, w) for k, w in weights.items()},
        }
    except (Exception, SystemExit) as error:
        # users are told of class and message, as by the strategist of alchemiscale
        raise ExecutorError("propose_failed", str(error)) from error


def _labelled(path: Path) -> tuple[GufeTokenizable, dict[Any, str]]:
    """The object in a file, and by the keys of all objects in it those that the file gives them."""
    by_label: dict[str, GufeTokenizable] = {}
    found = read_gufe(path, by_label)
    return found, {each.key: label for label, each in by_label.items()}


def _weight(key: Any, weight: Any) -> float | None:
    if weight is None:
        return None
    number = float(weight)
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"the weight of {key} is {weight}, not 0 or more")
    return number


def _wrong_type(path: Path, found: object, wanted: str) -> ExecutorError:
    return ExecutorError(
        "wrong_type", f"{path.name} holds a {type(found).__qualname__}, not a {wanted}"
    )
