"""A result for a Task whose interpreter died."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gufe.protocols import (
    ProtocolDAG,
    ProtocolUnit,
    ProtocolUnitFailure,
    ProtocolUnitResult,
)

from .channel import cut
from .errors import ExecutorError
from .execution import DAG_FILE, UNITS_DIRECTORY, dag_result, write_result
from .files import read_gufe

_UNIT_FILE = re.compile(r"(?P<order>\d{4,})-(?P<unit>.+)-attempt-(?P<attempt>\d+)\.json")


@dataclass
class AssembleFailureRequest:
    """An ``assemble_failure`` request; fields as in ``docs/python-executor.md``."""

    output_dir: Path
    unit: str | None = None
    attempt: int | None = None
    started: str | None = None
    exit_code: int | None = None
    signal: str | None = None
    stderr_tail: str = ""
    compress: bool = True


def _results_on_disk(output_dir: Path, warnings: list[str]) -> list[tuple[int, ProtocolUnitResult]]:
    """Attempts and results in order of execution."""
    found = []
    for file in (output_dir / UNITS_DIRECTORY).glob("*.json"):
        if match := _UNIT_FILE.fullmatch(file.name):
            found.append((int(match["order"]), int(match["attempt"]), file))
    results = []
    for _, attempt, file in sorted(found):
        try:
            result = read_gufe(file)
        except ExecutorError as error:
            warnings.append(error.message)
            continue
        if isinstance(result, ProtocolUnitResult):
            results.append((attempt, result))
        else:
            warnings.append(f"{file.name} holds a {type(result).__qualname__}")
    return results


def _with_results(value: Any, results: dict[str, ProtocolUnitResult]) -> Any:
    """``value`` with each unit replaced by its result, as gufe does before it runs a unit."""
    if isinstance(value, dict):
        return {key: _with_results(item, results) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_results(item, results) for item in value]
    if isinstance(value, ProtocolUnit):
        return results[value.key]
    return value


def _local_time(text: str | None) -> datetime.datetime | None:
    """Naive local time, as gufe writes it, of one of our time stamps."""
    if text is None:
        return None
    try:
        return datetime.datetime.fromisoformat(text).astimezone().replace(tzinfo=None)
    except ValueError:
        raise ExecutorError("bad_request", f"started is not a time: {text!r}") from None


def _blamed(
    request: AssembleFailureRequest, dag: ProtocolDAG, done: dict[str, ProtocolUnitResult]
) -> ProtocolUnit:
    if request.unit is not None:
        for unit in dag.protocol_units:
            if unit.key == request.unit:
                return unit
        raise ExecutorError("bad_request", f"{request.unit} is no unit of {dag.key}")
    for unit in dag.protocol_units:
        if unit.key not in done:
            return unit
    # all was done but for putting it together
    return dag.protocol_units[-1]


def assemble_failure(request: AssembleFailureRequest) -> dict[str, Any]:
    """The failed ProtocolDAGResult of a crash, from what is on disk; reply of kind ``result``.

    Raises
    ------
    ExecutorError
        Where what is on disk makes no DAG.
    """
    warnings: list[str] = []
    dag = read_gufe(request.output_dir / DAG_FILE)
    if not isinstance(dag, ProtocolDAG):
        raise ExecutorError("wrong_type", f"{DAG_FILE} holds a {type(dag).__qualname__}")
    on_disk = _results_on_disk(request.output_dir, warnings)
    done = {result.source_key: result for _, result in on_disk if result.ok()}
    unit = _blamed(request, dag, done)

    if request.signal is not None:
        how = f"was ended by {request.signal}"
    elif request.exit_code is not None:
        how = f"exited with code {request.exit_code}"
    else:
        how = "ended without a word"
    message = f"the interpreter that ran unit '{unit.name}' {how}"
    tail = cut(request.stderr_tail).rstrip()
    traceback = f"{message}\n" + (
        f"last lines of its stderr:\n{tail}\n" if tail else "it wrote nothing to stderr\n"
    )
    try:
        inputs = _with_results(unit.inputs, done)
    except KeyError as error:
        raise ExecutorError(
            "unreadable_input", f"no result on disk of {error}, which {unit.key} depends on"
        ) from error
    failure = ProtocolUnitFailure(
        name=unit.name,
        source_key=unit.key,
        inputs=inputs,
        outputs={},
        exception=("InterpreterCrash", (message,)),
        traceback=traceback,
        start_time=_local_time(request.started),
        end_time=datetime.datetime.now(),
    )
    # a success that reached the disk before the crash would make the whole look fine
    kept = [(a, r) for a, r in on_disk if not (r.ok() and r.source_key == unit.key)]
    attempt = request.attempt
    if attempt is None:
        attempt = sum(r.source_key == unit.key for _, r in kept)
    return write_result(
        dag,
        dag_result(dag, [result for _, result in kept] + [failure]),
        request.output_dir,
        compress=request.compress,
        attempts={str(r.key): a for a, r in kept} | {str(failure.key): attempt},
        warnings=warnings,
    )
