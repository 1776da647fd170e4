"""The failure of a unit whose interpreter did not live to report it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gufe.protocols import ProtocolUnitFailure

from .channel import cut
from .errors import ExecutorError
from .execution import describe, inputs_of, utc_now
from .task_files import chain_text, task_files

_TAIL_BYTES = 64 * 1024


@dataclass
class FailUnitRequest:
    """A ``fail_unit`` request; fields as in ``docs/python-executor.md``."""

    output_dir: Path
    unit: str
    exception: str
    message: str
    attempt: int | None = None
    started: str | None = None
    stderr_tail: str = ""


def _local_time(text: str | None) -> datetime.datetime | None:
    """Naive local time, as gufe writes it, of one of our time stamps."""
    if text is None:
        return None
    try:
        return datetime.datetime.fromisoformat(text).astimezone().replace(tzinfo=None)
    except ValueError:
        raise ExecutorError("bad_request", f"started is not a time: {text!r}") from None


def _tail(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, file.stat().st_size - _TAIL_BYTES))
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


def fail_unit(request: FailUnitRequest) -> dict[str, Any]:
    """Write the failure; reply of kind ``unit``.

    Raises
    ------
    ExecutorError
        Where what is on disk makes no DAG, or has no such unit.
    """
    files = task_files(request.output_dir)
    index, unit = files.unit(request.unit)
    attempts = [a for a in files.attempts() if a.result.source_key == unit.key]
    number = len(attempts) if request.attempt is None else request.attempt
    # a success that reached the disk just before would make the whole look fine
    _, stderr = files.log_files(index, str(unit.key), number)
    tail = cut((_tail(stderr) + request.stderr_tail).rstrip())
    traceback = f"{request.exception}: {request.message}\n" + (
        f"last lines of its stderr:\n{tail}\n" if tail else "it wrote nothing to stderr\n"
    )
    start = _local_time(request.started)
    end = datetime.datetime.now()
    failure = ProtocolUnitFailure(
        name=unit.name,
        source_key=unit.key,
        inputs=inputs_of(unit, files),
        outputs={},
        exception=(request.exception, (request.message,)),
        traceback=traceback,
        start_time=start,
        end_time=end,
    )
    about = {
        "unit": str(unit.key),
        "name": unit.name,
        "attempt": number,
        "ok": False,
        "exception": describe(failure),
        "started": request.started,
        "ended": utc_now(),
        "seconds": None if start is None else round((end - start).total_seconds(), 6),
    }
    files.write_attempt(index, number, failure, chain_text(failure), about)
    return {
        "reply": "unit",
        "unit": str(unit.key),
        "ok": False,
        "attempts": number + 1,
        "exception": describe(failure),
        "leftovers": 0,
        "warnings": [cut(w, 2_000) for w in files.warnings[:20]],
    }
