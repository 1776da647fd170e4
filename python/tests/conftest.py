"""An executor as a compute service runs it, and networks to run."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gufe import ChemicalSystem, SolventComponent, Transformation
from gufe.protocols import Protocol
from openff.units import Quantity

PACKAGE_ROOT = Path(__file__).resolve().parents[1]


class Executor:
    """The process, and the two pipes to it."""

    def __init__(self, directory: Path, guarded: bool = True):
        request_read, request_write = os.pipe()
        event_read, event_write = os.pipe()
        life_read, life_write = os.pipe()
        paths = [str(PACKAGE_ROOT), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        path = os.pathsep.join(filter(None, paths))
        self.stderr_file = directory / "stderr.txt"
        with self.stderr_file.open("wb") as stderr:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "alchemiscale_executor"),
                    *("--requests-fd", str(request_read), "--events-fd", str(event_write)),
                    *(("--life-fd", str(life_read)) if guarded else ()),
                ],
                pass_fds=(request_read, event_write, life_read),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=directory,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )
        os.close(request_read)
        os.close(event_write)
        os.close(life_read)
        self.life = os.fdopen(life_write, "wb", buffering=0)
        self.requests = os.fdopen(request_write, "wb", buffering=0)
        self._events = event_read
        self._pending = b""

    def send(self, **request: Any) -> None:
        self.requests.write(json.dumps(request, default=str).encode() + b"\n")

    def line(self, timeout: float = 60.0) -> dict[str, Any] | None:
        """Next line; None at the end."""
        end = time.monotonic() + timeout
        while b"\n" not in self._pending:
            ready, _, _ = select.select([self._events], [], [], max(0.0, end - time.monotonic()))
            assert ready, "no line in time"
            data = os.read(self._events, 65536)
            if not data:
                return None
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        return json.loads(line) if line else self.line(timeout)

    def ask(self, **request: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Events and the reply."""
        self.send(**request)
        events = []
        while (line := self.line()) is not None:
            assert line["id"] == request.get("id")
            if "reply" in line:
                return events, line
            events.append(line)
        raise AssertionError(f"ended after {events}: {self.stderr_file.read_text()}")

    def run(self, **request: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """A whole Task, unit by unit; all lines but the last, and the last."""
        lines = []
        _, prepared = self.ask(**request)
        if prepared["reply"] != "prepared":
            return [], prepared
        lines.append(prepared)
        for unit in prepared["units"]:
            events, done = self.ask(**unit_request(request, prepared, unit["key"]))
            lines.extend(events)
            if done["reply"] != "unit":
                return lines, done
            if not done["ok"]:
                break
        _, result = self.ask(
            id=9,
            request="assemble",
            output_dir=request["output_dir"],
            compress=request.get("compress", True),
        )
        return lines, result

    def close(self) -> None:
        self.requests.close()
        self.life.close()
        os.close(self._events)
        self.process.wait(timeout=20)


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[Executor]:
    process = Executor(tmp_path)
    yield process
    process.close()


@pytest.fixture(scope="module")
def warm_executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    """One interpreter for many requests, as in a service."""
    process = Executor(tmp_path_factory.mktemp("executor"))
    yield process
    process.close()


def water(concentration: float) -> ChemicalSystem:
    solvent = SolventComponent(ion_concentration=Quantity(concentration, "molar"))
    return ChemicalSystem({"solvent": solvent}, name=f"water {concentration}")


def transformation(protocol: Protocol, name: str = "edge") -> Transformation:
    return Transformation(water(0.15), water(0.3), protocol=protocol, name=name)


def unit_request(request: dict[str, Any], prepared: dict[str, Any], unit: str) -> dict[str, Any]:
    """The request to run a unit of what was prepared for ``request``."""
    optional = ("n_retries", "keep_scratch", "memory_limit", "output_limit")
    return {
        "id": 2,
        "request": "execute_unit",
        "unit": unit,
        "output_dir": request["output_dir"],
        "shared": prepared["shared"],
        "scratch": prepared["scratch"],
        **{name: request[name] for name in optional if name in request},
    }


def task_request(directory: Path, edge: Any, **fields: Any) -> dict[str, Any]:
    """A prepare request whose files and directories are below ``directory``."""
    for name in ("shared", "scratch"):
        (directory / name).mkdir(exist_ok=True)
    file = directory / "transformation.json"
    file.write_text(edge if isinstance(edge, str) else edge.to_json())
    return {
        "id": 1,
        "request": "prepare",
        "task": "Task-0-org-campaign-project",
        "transformation": file,
        "extends": None,
        "shared_basedir": directory / "shared",
        "scratch_basedir": directory / "scratch",
        "output_dir": directory / "out",
        **fields,
    }
