"""What is on disk of a Task: its ProtocolDAG and what its units have given so far."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gufe.protocols import ProtocolDAG, ProtocolUnit, ProtocolUnitFailure, ProtocolUnitResult
from gufe.tokenization import GufeTokenizable

from .errors import ExecutorError
from .files import make_directory, read_gufe, write_whole

DAG_FILE = "dag.json"
_UNIT_FILE = re.compile(r"(?P<index>\d{4,})-(?P<unit>.+)-attempt-(?P<attempt>\d+)\.json")


def chain_text(obj: GufeTokenizable) -> bytes:
    """The keyed chain of a gufe object as JSON."""
    return obj.to_json().encode("ascii")


@dataclass
class Attempt:
    """One attempt of a unit that is over."""

    index: int
    number: int
    result: ProtocolUnitResult


class TaskFiles:
    """The directory ``output_dir`` of a Task, with its layout."""

    def __init__(self, output_dir: Path):
        self.output_dir = output_dir
        self.dag_file = output_dir / DAG_FILE
        self._units = output_dir / "units"
        self._logs = output_dir / "logs"
        self._read: dict[tuple[Path, int, int], Attempt] = {}
        self._dag: ProtocolDAG | None = None
        self.warnings: list[str] = []

    def make(self) -> None:
        """Make the directories."""
        make_directory(self._units)
        make_directory(self._logs)

    def dag(self) -> ProtocolDAG:
        """The ProtocolDAG; read once."""
        if self._dag is None:
            dag = read_gufe(self.dag_file)
            if not isinstance(dag, ProtocolDAG):
                raise ExecutorError(
                    "wrong_type", f"{self.dag_file.name} holds a {type(dag).__qualname__}"
                )
            self._dag = dag
        return self._dag

    def write_dag(self, dag: ProtocolDAG, text: bytes) -> None:
        """Write the ProtocolDAG, whose JSON form is ``text``."""
        write_whole(self.dag_file, text)
        self._dag = dag

    def unit(self, key: str) -> tuple[int, ProtocolUnit]:
        """Place in the order of execution, and unit."""
        for index, unit in enumerate(self.dag().protocol_units):
            if unit.key == key:
                return index, unit
        raise ExecutorError("bad_request", f"{key} is no unit of {self.dag().key}")

    def _stem(self, index: int, unit: str, attempt: int) -> str:
        return f"{index:04d}-{unit}-attempt-{attempt}"

    def result_file(self, index: int, unit: str, attempt: int) -> Path:
        """Where the result of an attempt is."""
        return self._units / f"{self._stem(index, unit, attempt)}.json"

    def log_files(self, index: int, unit: str, attempt: int) -> tuple[Path, Path]:
        """Where stdout and stderr of an attempt go."""
        stem = self._stem(index, unit, attempt)
        return self._logs / f"{stem}.stdout", self._logs / f"{stem}.stderr"

    def write_attempt(
        self,
        index: int,
        number: int,
        result: ProtocolUnitResult,
        text: bytes,
        about: dict[str, Any],
    ) -> Path:
        """Write what an attempt gave, and beside it where and how it ran."""
        file = self.result_file(index, str(result.source_key), number)
        write_whole(
            file.with_suffix(".provenance"),
            json.dumps(about, ensure_ascii=True).encode("ascii"),
        )
        write_whole(file, text)
        self._read[_identity(file)] = Attempt(index, number, result)
        return file

    def attempts(self) -> list[Attempt]:
        """All attempts, in gufe's order: units in the order of execution, attempts as made.

        Files that do not parse (there should be none) are left out with a warning.
        """
        found = []
        for file in self._units.glob("*.json"):
            if match := _UNIT_FILE.fullmatch(file.name):
                found.append((int(match["index"]), int(match["attempt"]), file))
        attempts = []
        for index, number, file in sorted(found):
            identity = _identity(file)
            if identity not in self._read:
                try:
                    result = read_gufe(file)
                except ExecutorError as error:
                    self.warnings.append(error.message)
                    continue
                if not isinstance(result, (ProtocolUnitResult, ProtocolUnitFailure)):
                    self.warnings.append(f"{file.name} holds a {type(result).__qualname__}")
                    continue
                self._read[identity] = Attempt(index, number, result)
            attempts.append(self._read[identity])
        return attempts


def _identity(file: Path) -> tuple[Path, int, int]:
    """Another one where the file has been written anew."""
    try:
        info = file.stat()
    except OSError:
        return file, 0, 0
    return file, info.st_ino, info.st_mtime_ns


_latest: tuple[TaskFiles, tuple[Path, int, int]] | None = None


def task_files(output_dir: Path) -> TaskFiles:
    """The files of a Task; what was read of the latest one is not read again."""
    global _latest
    identity = _identity(output_dir / DAG_FILE)
    if _latest is None or _latest[1] != identity:
        _latest = TaskFiles(output_dir), identity
    return _latest[0]


def forget_task_files() -> None:
    """Let go of what is remembered."""
    global _latest
    _latest = None
