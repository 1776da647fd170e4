"""From a Transformation to a ProtocolDAGResult, with every step on disk."""

from __future__ import annotations

import datetime
import gc
import os
import shutil
import time
import traceback
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gufe.protocols import (
    ProtocolDAG,
    ProtocolDAGResult,
    ProtocolUnit,
    ProtocolUnitFailure,
    ProtocolUnitResult,
)
from gufe.protocols.protocoldag import execute_DAG
from gufe.tokenization import GufeTokenizable
from gufe.transformations import NonTransformation, Transformation

from .channel import cut
from .errors import ExecutorError
from .files import compressed, make_directory, read_gufe, write_whole

try:
    from gufe.protocols.errors import ExecutionInterrupt
except ImportError:  # gufe before 1.1

    class ExecutionInterrupt(BaseException):  # type: ignore[no-redef]
        """Never raised by a gufe that does not have it."""


Emit = Callable[[dict[str, Any]], None]

DAG_FILE = "dag.json"
UNITS_DIRECTORY = "units"


@dataclass
class ExecuteRequest:
    """An ``execute`` request; fields as in ``docs/python-executor.md``."""

    task: str
    transformation: Path
    extends: Path | None
    shared_basedir: Path
    scratch_basedir: Path
    output_dir: Path
    n_retries: int = 0
    keep_shared: bool = False
    keep_scratch: bool = False
    compress: bool = True


@dataclass
class _Attempt:
    unit: ProtocolUnit
    number: int
    result: ProtocolUnitResult


@dataclass
class _Record:
    """What has been done so far, in order."""

    units: list[ProtocolUnit]
    attempts: list[_Attempt] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def attempts_of(self, unit: ProtocolUnit) -> int:
        return sum(attempt.unit.key == unit.key for attempt in self.attempts)


def utc_now() -> str:
    """Now, as every line says it."""
    now = datetime.datetime.now(datetime.UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def chain_text(obj: GufeTokenizable) -> bytes:
    """The keyed chain of a gufe object as JSON."""
    return obj.to_json().encode("ascii")


def describe(result: ProtocolUnitResult) -> str:
    """One line about a failure: class and message of its exception."""
    exception = getattr(result, "exception", None)
    if exception is None:
        return ""
    name, arguments = exception
    return cut(f"{name}: {arguments[0]}" if arguments else str(name), 2_000)


def execute(request: ExecuteRequest, emit: Emit) -> dict[str, Any]:
    """Run one Task; the reply is of kind ``result``.

    Raises
    ------
    ExecutorError
        Where there is no result to be had.
    """
    directory = os.getcwd()
    try:
        return _execute(request, emit)
    finally:
        # whatever the Protocol did, the next Task starts where this one did
        os.chdir(directory)
        gc.collect()


def _execute(request: ExecuteRequest, emit: Emit) -> dict[str, Any]:
    dag = _create_dag(request)
    make_directory(request.output_dir / UNITS_DIRECTORY)
    if (request.output_dir / DAG_FILE).exists():
        raise ExecutorError("bad_request", f"output_dir {request.output_dir} has been used before")
    try:
        text = chain_text(dag)
    except Exception as error:
        raise ExecutorError(
            "create_failed", f"the ProtocolDAG has no JSON form: {error}"
        ) from error

    shared = request.shared_basedir / str(dag.key)
    scratch = request.scratch_basedir / str(dag.key)
    record = _Record(list(dag.protocol_units))
    try:
        make_directory(shared)
        make_directory(scratch)
        write_whole(request.output_dir / DAG_FILE, text)
        emit(
            {
                "event": "dag_created",
                "time": utc_now(),
                "dag": str(request.output_dir / DAG_FILE),
                "dag_key": str(dag.key),
                "transformation_key": str(dag.transformation_key),
                "shared": str(shared),
                "scratch": str(scratch),
                "units": [
                    {"key": str(u.key), "name": u.name, "qualname": type(u).__qualname__}
                    for u in record.units
                ],
            }
        )
        result = _run(dag, request, shared, scratch, record, emit)
    finally:
        for path, keep in ((shared, request.keep_shared), (scratch, request.keep_scratch)):
            if not keep:
                _remove(path, record.warnings)
    return write_result(
        dag,
        result,
        request.output_dir,
        compress=request.compress,
        attempts={str(a.result.key): a.number for a in record.attempts},
        warnings=record.warnings,
    )


def _remove(path: Path, warnings: list[str]) -> None:
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        warnings.append(f"cannot remove {path}: {error}")


def _create_dag(request: ExecuteRequest) -> ProtocolDAG:
    transformation = read_gufe(request.transformation)
    if not isinstance(transformation, (Transformation, NonTransformation)):
        raise ExecutorError(
            "wrong_type",
            f"{request.transformation.name} holds a {type(transformation).__qualname__}, "
            "not a Transformation or NonTransformation",
        )
    extends = None
    if request.extends is not None:
        extends = read_gufe(request.extends)
        if not isinstance(extends, ProtocolDAGResult):
            raise ExecutorError(
                "wrong_type",
                f"{request.extends.name} holds a {type(extends).__qualname__}, "
                "not a ProtocolDAGResult",
            )
    try:
        return transformation.create(extends=extends, name=request.task)
    except (Exception, SystemExit) as error:
        raise ExecutorError(
            "create_failed",
            f"{type(transformation.protocol).__qualname__} made no ProtocolDAG: "
            f"{type(error).__qualname__}: {error}",
        ) from error


def _run(
    dag: ProtocolDAG,
    request: ExecuteRequest,
    shared: Path,
    scratch: Path,
    record: _Record,
    emit: Emit,
) -> ProtocolDAGResult:
    # gufe's own loop, told of through the one method that it calls on each unit
    for index, unit in enumerate(record.units):
        unit.execute = types.MethodType(  # type: ignore[method-assign]
            _observed(type(unit).execute, index, request, record, emit), unit
        )
    try:
        return execute_DAG(
            dag,
            shared_basedir=shared,
            scratch_basedir=scratch,
            # removed here, where trouble is a warning: gufe would lose the results over it
            keep_shared=True,
            keep_scratch=True,
            raise_error=False,
            n_retries=request.n_retries,
        )
    except (KeyboardInterrupt, ExecutionInterrupt) as error:
        raise ExecutorError(
            "interrupted", f"a unit asked to stop: {type(error).__qualname__}: {error}"
        ) from error
    except ExecutorError:
        raise
    except Exception as error:
        # between units gufe does nothing but make directories
        if isinstance(error, OSError):
            raise ExecutorError("io_error", str(error)) from error
        raise
    finally:
        for unit in record.units:
            unit.__dict__.pop("execute", None)


def _observed(
    execute_unit: Callable[..., ProtocolUnitResult],
    index: int,
    request: ExecuteRequest,
    record: _Record,
    emit: Emit,
) -> Callable[..., ProtocolUnitResult]:
    """``ProtocolUnit.execute`` with its result on disk and an event before and after it."""

    def run(unit: ProtocolUnit, **arguments: Any) -> ProtocolUnitResult:
        number = record.attempts_of(unit)
        about = {
            "unit": str(unit.key),
            "name": unit.name,
            "index": index,
            "of": len(record.units),
            "attempt": number,
        }
        emit({"event": "unit_started", "time": utc_now(), **about})
        started = datetime.datetime.now()
        clock = time.monotonic()
        try:
            result = execute_unit(unit, **arguments)
        except SystemExit as error:
            result = _failure(unit, arguments, error, started)
        result, text = _with_json_form(unit, arguments, result, started)
        seconds = round(time.monotonic() - clock, 6)
        if not request.keep_scratch:
            _remove(arguments["context"].scratch, record.warnings)
        file = (
            request.output_dir
            / UNITS_DIRECTORY
            / f"{len(record.attempts):04d}-{unit.key}-attempt-{number}.json"
        )
        write_whole(file, text)
        record.attempts.append(_Attempt(unit, number, result))
        event = {
            "event": "unit_finished",
            "time": utc_now(),
            **about,
            "ok": result.ok(),
            "seconds": seconds,
            "result_key": str(result.key),
            "file": str(file),
        }
        if not result.ok():
            event["exception"] = describe(result)
        emit(event)
        return result

    return run


def _unit_inputs(arguments: dict[str, Any]) -> dict[str, Any]:
    """What gufe passes to ``ProtocolUnit.execute`` less what is not an input of the unit."""
    return {k: v for k, v in arguments.items() if k not in ("context", "raise_error")}


def _failure(
    unit: ProtocolUnit,
    arguments: dict[str, Any],
    error: BaseException,
    started: datetime.datetime,
) -> ProtocolUnitFailure:
    return ProtocolUnitFailure(
        name=unit.name,
        source_key=unit.key,
        inputs=_unit_inputs(arguments),
        outputs={},
        exception=(type(error).__qualname__, tuple(repr(a) for a in error.args)),
        traceback="".join(traceback.format_exception(error)),
        start_time=started,
        end_time=datetime.datetime.now(),
    )


def _with_json_form(
    unit: ProtocolUnit,
    arguments: dict[str, Any],
    result: ProtocolUnitResult,
    started: datetime.datetime,
) -> tuple[ProtocolUnitResult, bytes]:
    """The result and its text; one that has no text is replaced by a failure that has."""
    try:
        return result, chain_text(result)
    except Exception as error:
        if result.ok():
            failure = _failure(unit, arguments, error, started)
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


def dag_result(dag: ProtocolDAG, results: list[ProtocolUnitResult]) -> ProtocolDAGResult:
    """The result of a DAG, as gufe would put it together."""
    return ProtocolDAGResult(
        name=dag.name,
        protocol_units=dag.protocol_units,
        protocol_unit_results=results,
        transformation_key=dag.transformation_key,
        extends_key=dag.extends_key,
    )


def write_result(
    dag: ProtocolDAG,
    result: ProtocolDAGResult,
    output_dir: Path,
    *,
    compress: bool,
    attempts: dict[str, int],
    warnings: list[str],
) -> dict[str, Any]:
    """Write the result's file; the reply that tells of it.

    ``attempts`` has the number of the attempt by key of unit result.
    """
    data = chain_text(result)
    file = output_dir / ("result.json.zst" if compress else "result.json")
    write_whole(file, compressed(data) if compress else data)
    results = result.protocol_unit_results
    return {
        "reply": "result",
        "ok": result.ok(),
        "dag_key": str(dag.key),
        "result_key": str(result.key),
        "file": str(file),
        "n_units": len(result.protocol_units),
        "n_unit_results": len(results),
        "failures": [
            {
                "unit": str(r.source_key),
                "name": r.name,
                "attempt": attempts.get(str(r.key), 0),
                "result_key": str(r.key),
                "exception": describe(r),
            }
            for r in results
            if not r.ok()
        ],
        "warnings": [cut(w, 2_000) for w in warnings[:20]],
    }
