"""Protocols whose units do what units should not do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from gufe.protocols import Context, Protocol, ProtocolResult, ProtocolUnit
from gufe.settings import SettingsBaseModel


class MisbehavingSettings(SettingsBaseModel):
    deed: str
    where: str = ""


class GoodUnit(ProtocolUnit):
    @staticmethod
    def _execute(ctx: Context, **inputs: Any) -> dict[str, Any]:
        print("a Protocol may write to stdout")
        (ctx.shared / "kept").write_text("x")
        return {"good": True}


def start_daemon(where: Path) -> None:
    """A process that nothing connects with this one, not even a session or its environment."""
    script = (
        "import os, sys, time\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\n"
        "open(sys.argv[1], 'w').write(f'{os.getpid()}\\n')\n"
        "time.sleep(60)\n"
    )
    subprocess.run([sys.executable, "-S", "-c", script, str(where)], env={}, check=True)
    while not (where.exists() and where.read_text()):
        time.sleep(0.01)


def eat_memory() -> None:
    eaten = []
    while len(eaten) < 60:  # 3 GB, should nobody mind
        eaten.append(b"x" * 50_000_000)
        time.sleep(0.02)


class BadUnit(ProtocolUnit):
    @staticmethod
    def _execute(ctx: Context, *, settings: MisbehavingSettings, **inputs: Any) -> dict[str, Any]:
        deed = settings.deed
        if deed == "segfault":
            print("about to fall", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        elif deed == "exit":
            os._exit(3)
        elif deed == "sys.exit":
            sys.exit("enough")
        elif deed == "interrupt":
            raise KeyboardInterrupt
        elif deed == "odd outputs":
            return {"function": print}
        elif deed == "odd arguments":
            raise ValueError("odd", print)
        elif deed == "scratch":
            ctx.scratch.rename(ctx.scratch.with_name("elsewhere"))
        elif deed == "chdir":
            os.chdir(ctx.scratch)
        elif deed == "sleep":
            Path(settings.where).write_text(f"{os.getpid()}\n")
            time.sleep(60)
        elif deed == "sleep once":
            if not Path(settings.where).exists():
                Path(settings.where).write_text("here")
                time.sleep(60)
        elif deed in ("daemon", "daemon and segfault", "leave daemon"):
            start_daemon(Path(settings.where))
            if deed == "daemon and segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            elif deed == "daemon":
                time.sleep(60)
        elif deed == "eat memory":
            eat_memory()
        elif deed == "children eat memory":
            if os.fork() == 0:
                eat_memory()
            time.sleep(60)
        elif deed == "chatter":
            # no end of line, and no text
            for _ in range(60):
                os.write(1, b"\xff\x00" * 32768)
                time.sleep(0.01)
        elif deed == "fail twice":
            if not str(ctx.shared).endswith("attempt_2"):
                raise RuntimeError("not yet")
        return {"deed": deed}


class MisbehavingResult(ProtocolResult):
    def get_estimate(self) -> None:
        return None

    def get_uncertainty(self) -> None:
        return None


class MisbehavingProtocol(Protocol):
    result_cls = MisbehavingResult
    _settings_cls = MisbehavingSettings

    @classmethod
    def _default_settings(cls) -> MisbehavingSettings:
        return MisbehavingSettings(deed="nothing")

    def _create(self, stateA: Any, stateB: Any, mapping: Any, extends: Any = None) -> list[Any]:
        if self.settings.deed == "no dag":
            raise ValueError("there is no DAG to be had")
        if self.settings.deed == "exit early":
            os._exit(5)
        good = GoodUnit(name="good")
        bad = BadUnit(name="bad", good=good, settings=self.settings)
        return [good, bad, GoodUnit(name="last", bad=bad)]

    def _gather(self, protocol_dag_results: Any) -> dict[str, Any]:
        return {}
