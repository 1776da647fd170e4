"""The ProtocolResult of all results of a Transformation, and the free energy that it tells."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gufe.protocols import Protocol, ProtocolDAGResult, ProtocolResult

from .channel import cut
from .errors import ExecutorError
from .files import compressed, read_gufe, write_whole
from .kept_objects import kept_object
from .request_fields import absolute_path
from .task_files import chain_text

_ENERGY = "kilocalorie / mole"


@dataclass
class GatherRequest:
    """A ``gather`` request; fields as in ``docs/python-executor.md``."""

    protocol: Path
    results: list
    output: Path | None
    memory_limit: int | None = None


def gather(request: GatherRequest) -> dict[str, Any]:
    """Gather the results and ask for estimate and uncertainty; reply of kind ``gathered``.

    Raises
    ------
    ExecutorError
        Where a file holds something else, or the Protocol's ``gather`` raised.
    """
    protocol = kept_object(request.protocol, read_gufe)
    if not isinstance(protocol, Protocol):
        raise ExecutorError(
            "wrong_type",
            f"{request.protocol.name} holds a {type(protocol).__qualname__}, not a Protocol",
        )
    results = [_dag_result(absolute_path("results", path)) for path in request.results]
    try:
        gathered = protocol.gather(results)
    except (Exception, SystemExit) as error:
        raise ExecutorError(
            "gather_failed",
            f"{type(protocol).__qualname__}.gather raised {type(error).__qualname__}: {error}",
        ) from error
    if not isinstance(gathered, ProtocolResult):
        raise ExecutorError(
            "gather_failed",
            f"{type(protocol).__qualname__}.gather gave a {type(gathered).__qualname__}, "
            "not a ProtocolResult",
        )
    problems: list[str] = []
    estimate = _energy("get_estimate", gathered.get_estimate, problems)
    uncertainty = _energy("get_uncertainty", gathered.get_uncertainty, problems)
    return {
        "reply": "gathered",
        "n": len(results),
        "estimate": estimate,
        "uncertainty": uncertainty,
        "file": None if request.output is None else _written(gathered, request.output, problems),
        "problems": [cut(problem, 2_000) for problem in problems],
    }


def _dag_result(path: Path) -> ProtocolDAGResult:
    result = read_gufe(path)
    if not isinstance(result, ProtocolDAGResult):
        raise ExecutorError(
            "wrong_type",
            f"{path.name} holds a {type(result).__qualname__}, not a ProtocolDAGResult",
        )
    return result


def _energy(
    name: str, ask: Callable[[], Any], problems: list[str]
) -> dict[str, float | str | None] | None:
    """What a method of the ProtocolResult tells: its number and unit, and kcal/mol where it can."""
    try:
        told = ask()
        if told is None:
            return None
        quantity = hasattr(told, "m_as")
        value = float(told.m if quantity else told)
        unit = str(told.u) if quantity else None
        in_kcal = None
        if not quantity:
            problems.append(f"{name} gave {value!r}, which has no unit")
        elif told.is_compatible_with(_ENERGY):
            in_kcal = float(told.m_as(_ENERGY))
        else:
            problems.append(f"{name} gave {told}, which is no energy per amount of substance")
    except (Exception, SystemExit) as error:
        problems.append(f"{name} raised {type(error).__qualname__}: {error}")
        return None
    if not math.isfinite(value) or (in_kcal is not None and not math.isfinite(in_kcal)):
        # JSON has no such numbers
        problems.append(f"{name} gave {told}, which is not finite")
        return None
    return {"value": value, "unit": unit, "kcal_per_mol": in_kcal}


def _written(gathered: ProtocolResult, output: Path, problems: list[str]) -> str | None:
    try:
        text = chain_text(gathered)
    except Exception as error:
        problems.append(f"the ProtocolResult has no JSON form: {type(error).__qualname__}: {error}")
        return None
    write_whole(output, compressed(text))
    return str(output)
