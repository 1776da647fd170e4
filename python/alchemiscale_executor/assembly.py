"""The ProtocolDAGResult of what is on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gufe.protocols import ProtocolDAGResult

from .channel import cut
from .execution import describe
from .files import compressed, write_whole
from .task_files import chain_text, forget_task_files, task_files


@dataclass
class AssembleRequest:
    """An ``assemble`` request; fields as in ``docs/python-executor.md``."""

    output_dir: Path
    compress: bool = True


def assemble(request: AssembleRequest) -> dict[str, Any]:
    """Put the result together as gufe's ``execute_DAG`` would; reply of kind ``result``.

    Raises
    ------
    ExecutorError
        Where what is on disk makes no DAG.
    """
    files = task_files(request.output_dir)
    dag = files.dag()
    attempts = files.attempts()
    result = ProtocolDAGResult(
        name=dag.name,
        protocol_units=dag.protocol_units,
        protocol_unit_results=[a.result for a in attempts],
        transformation_key=dag.transformation_key,
        extends_key=dag.extends_key,
    )
    data = chain_text(result)
    file = request.output_dir / ("result.json.zst" if request.compress else "result.json")
    write_whole(file, compressed(data) if request.compress else data)
    forget_task_files()
    return {
        "reply": "result",
        "ok": result.ok(),
        "dag_key": str(dag.key),
        "result_key": str(result.key),
        "file": str(file),
        "n_units": len(result.protocol_units),
        "n_unit_results": len(attempts),
        "failures": [
            {
                "unit": str(a.result.source_key),
                "name": a.result.name,
                "attempt": a.number,
                "result_key": str(a.result.key),
                "exception": describe(a.result),
            }
            for a in attempts
            if not a.result.ok()
        ],
        "warnings": [cut(w, 2_000) for w in files.warnings[:20]],
    }
