"""From a Transformation to a ProtocolDAG on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gufe.protocols import ProtocolDAG, ProtocolDAGResult
from gufe.transformations import NonTransformation, Transformation

from .errors import ExecutorError
from .execution import describe
from .files import make_directory, read_gufe
from .hints import resource_hints
from .task_files import TaskFiles, chain_text, forget_task_files, task_files


@dataclass
class PrepareRequest:
    """A ``prepare`` request; fields as in ``docs/python-executor.md``."""

    task: str
    transformation: Path
    extends: Path | None
    shared_basedir: Path
    scratch_basedir: Path
    output_dir: Path
    n_retries: int = 0
    resume: bool = False


def prepare(request: PrepareRequest) -> dict[str, Any]:
    """Make the ProtocolDAG, or read the one that is there; reply of kind ``prepared``.

    Raises
    ------
    ExecutorError
        Where there is no ProtocolDAG to be had.
    """
    forget_task_files()
    files = task_files(request.output_dir)
    resumed = request.resume and files.dag_file.exists()
    if resumed:
        dag = files.dag()
    else:
        if files.dag_file.exists():
            raise ExecutorError(
                "bad_request", f"output_dir {request.output_dir} has been used before"
            )
        dag = _create_dag(request)
    shared = request.shared_basedir / str(dag.key)
    scratch = request.scratch_basedir / str(dag.key)
    if resumed and not shared.is_dir():
        raise ExecutorError("bad_request", f"{shared} is gone, which units have left files in")
    make_directory(shared)
    make_directory(scratch)
    files.make()
    if not resumed:
        try:
            text = chain_text(dag)
        except Exception as error:
            for path in (shared, scratch):
                path.rmdir()
            raise ExecutorError(
                "create_failed", f"the ProtocolDAG has no JSON form: {error}"
            ) from error
        files.write_dag(dag, text)
    return {
        "reply": "prepared",
        "dag": str(files.dag_file),
        "dag_key": str(dag.key),
        "transformation_key": str(dag.transformation_key),
        "shared": str(shared),
        "scratch": str(scratch),
        "units": [
            {
                "key": str(unit.key),
                "name": unit.name,
                "module": type(unit).__module__,
                "qualname": type(unit).__qualname__,
                "dependencies": [str(d.key) for d in unit.dependencies],
                "hints": resource_hints(unit),
            }
            for unit in dag.protocol_units
        ],
        "finished": _finished(files, request.n_retries) if resumed else [],
    }


def _finished(files: TaskFiles, n_retries: int) -> list[dict[str, Any]]:
    """Units that need not run again: those with a success, or with all their attempts made."""
    rows = []
    attempts = files.attempts()
    for unit in files.dag().protocol_units:
        own = [a.result for a in attempts if a.result.source_key == unit.key]
        if not own or not (own[-1].ok() or len(own) > n_retries):
            continue
        rows.append(
            {
                "unit": str(unit.key),
                "ok": own[-1].ok(),
                "attempts": len(own),
                "exception": None if own[-1].ok() else describe(own[-1]),
            }
        )
    return rows


def _create_dag(request: PrepareRequest) -> ProtocolDAG:
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
    directory = os.getcwd()
    try:
        return transformation.create(extends=extends, name=request.task)
    except (Exception, SystemExit) as error:
        raise ExecutorError(
            "create_failed",
            f"{type(transformation.protocol).__qualname__} made no ProtocolDAG: "
            f"{type(error).__qualname__}: {error}",
        ) from error
    finally:
        os.chdir(directory)
