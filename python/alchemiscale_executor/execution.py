"""All attempts of one unit, as gufe's ``execute_DAG`` makes them, with every step on disk."""

from __future__ import annotations

import datetime
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gufe.protocols import Context, ProtocolUnit, ProtocolUnitFailure, ProtocolUnitResult

from .channel import cut
from .errors import ExecutorError
from .files import make_directory
from .guard import Meter, bounded
from .measure import Measurement, leftovers
from .output import output_to
from .task_files import TaskFiles, chain_text, task_files

try:
    from gufe.protocols.errors import ExecutionInterrupt
except ImportError:  # gufe before 1.1

    class ExecutionInterrupt(BaseException):  # type: ignore[no-redef]
        """Never raised by a gufe that does not have it."""


Emit = Callable[[dict[str, Any]], None]


@dataclass
class ExecuteUnitRequest:
    """An ``execute_unit`` request; fields as in ``docs/python-executor.md``."""

    output_dir: Path
    unit: str
    shared: Path
    scratch: Path
    n_retries: int = 0
    keep_scratch: bool = False
    memory_limit: int | None = None
    output_limit: int | None = None


def utc_now() -> str:
    """Now, as every line says it."""
    now = datetime.datetime.now(datetime.UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def describe(result: ProtocolUnitResult) -> str:
    """One line about a failure: class and message of its exception."""
    exception = getattr(result, "exception", None)
    if exception is None:
        return ""
    name, arguments = exception
    return cut(f"{name}: {arguments[0]}" if arguments else str(name), 2_000)


def with_results(value: Any, results: dict[str, ProtocolUnitResult]) -> Any:
    """``value`` with each unit replaced by its result, as gufe does before it runs a unit."""
    if isinstance(value, dict):
        return {key: with_results(item, results) for key, item in value.items()}
    if isinstance(value, list):
        return [with_results(item, results) for item in value]
    if isinstance(value, ProtocolUnit):
        return results[value.key]
    return value


def inputs_of(unit: ProtocolUnit, files: TaskFiles) -> dict[str, Any]:
    """The inputs of a unit, with what the units it depends on have given.

    Raises
    ------
    ExecutorError
        Of kind ``unreadable_input`` where one of those has no success on disk.
    """
    done = {a.result.source_key: a.result for a in files.attempts() if a.result.ok()}
    try:
        return with_results(unit.inputs, done)
    except KeyError as error:
        raise ExecutorError(
            "unreadable_input", f"no result on disk of {error}, which {unit.key} depends on"
        ) from error


def execute_unit(request: ExecuteUnitRequest, meter: Meter | None, emit: Emit) -> dict[str, Any]:
    """Run one unit until an attempt succeeds or none is left; reply of kind ``unit``.

    Raises
    ------
    ExecutorError
        Where it cannot be run at all.
    """
    with bounded(meter, request.memory_limit, request.output_limit):
        return _execute_unit(request, meter, emit)


def _execute_unit(request: ExecuteUnitRequest, meter: Meter | None, emit: Emit) -> dict[str, Any]:
    files = task_files(request.output_dir)
    index, unit = files.unit(request.unit)
    inputs = inputs_of(unit, files)
    # those of an earlier process count
    first = sum(a.result.source_key == unit.key for a in files.attempts())
    result: ProtocolUnitResult | None = None
    number = first
    for number in range(first, max(first, request.n_retries) + 1):
        about = {"unit": str(unit.key), "name": unit.name, "attempt": number}
        emit({"event": "attempt_started", "time": utc_now(), **about})
        result, text, measured = _attempt(request, files, index, unit, inputs, number, meter)
        about["ok"] = result.ok()
        if not result.ok():
            about["exception"] = describe(result)
        file = files.write_attempt(index, number, result, text, {**about, **measured})
        emit(
            {
                "event": "attempt_finished",
                "time": utc_now(),
                **about,
                "seconds": measured["seconds"],
                "result_key": str(result.key),
                "file": str(file),
            }
        )
        if result.ok():
            break
    assert result is not None
    return {
        "reply": "unit",
        "unit": str(unit.key),
        "ok": result.ok(),
        "attempts": number + 1,
        "exception": None if result.ok() else describe(result),
        "leftovers": leftovers(meter),
        "warnings": [cut(w, 2_000) for w in files.warnings[:20]],
    }


def _attempt(
    request: ExecuteUnitRequest,
    files: TaskFiles,
    index: int,
    unit: ProtocolUnit,
    inputs: dict[str, Any],
    number: int,
    meter: Meter | None,
) -> tuple[ProtocolUnitResult, bytes, dict[str, Any]]:
    shared = request.shared / f"shared_{unit.key}_attempt_{number}"
    scratch = request.scratch / f"scratch_{unit.key}_attempt_{number}"
    for path in (shared, scratch):
        # left by an attempt that was cut off
        _remove(path, files.warnings)
        make_directory(path)
    started = datetime.datetime.now()
    started_utc = utc_now()
    measurement = Measurement(meter)
    with output_to(*files.log_files(index, str(unit.key), number)):
        try:
            result = unit.execute(
                context=Context(shared=shared, scratch=scratch), raise_error=False, **inputs
            )
        except SystemExit as error:
            result = _failure(unit, inputs, error, started)
        except (KeyboardInterrupt, ExecutionInterrupt) as error:
            raise ExecutorError(
                "interrupted", f"a unit asked to stop: {type(error).__qualname__}: {error}"
            ) from error
    measured = {"started": started_utc, "ended": utc_now(), **measurement.report()}
    result, text = _with_json_form(unit, inputs, result, started)
    if not request.keep_scratch:
        _remove(scratch, files.warnings)
    return result, text, measured


def _remove(path: Path, warnings: list[str]) -> None:
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        warnings.append(f"cannot remove {path}: {error}")


def _failure(
    unit: ProtocolUnit, inputs: dict[str, Any], error: BaseException, started: datetime.datetime
) -> ProtocolUnitFailure:
    return ProtocolUnitFailure(
        name=unit.name,
        source_key=unit.key,
        inputs=inputs,
        outputs={},
        exception=(type(error).__qualname__, tuple(repr(a) for a in error.args)),
        traceback="".join(traceback.format_exception(error)),
        start_time=started,
        end_time=datetime.datetime.now(),
    )


def _with_json_form(
    unit: ProtocolUnit,
    inputs: dict[str, Any],
    result: ProtocolUnitResult,
    started: datetime.datetime,
) -> tuple[ProtocolUnitResult, bytes]:
    """The result and its text; one that has no text is replaced by a failure that has."""
    try:
        return result, chain_text(result)
    except Exception as error:
        if result.ok():
            failure = _failure(unit, inputs, error, started)
        else:
            name, exception_arguments = result.exception  # type: ignore[attr-defined]
            failure = ProtocolUnitFailure(
                name=result.name,
                source_key=result.source_key,
                inputs=result.inputs,
                outputs={},
                exception=(name, tuple(repr(a) for a in exception_arguments)),
                traceback=result.traceback,  # type: ignore[attr-defined]
                start_time=result.start_time,
                end_time=result.end_time,
            )
        return failure, chain_text(failure)
