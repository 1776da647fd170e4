"""What an attempt of a unit takes: time, processor time, memory."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import Any

from .guard import Meter, descendants

REPORTED_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
    "OPENMM_CPU_THREADS",
    "OPENMM_DEFAULT_PLATFORM",
)
"""Environment variables that decide where a unit computes."""


def _cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _own_peak() -> int | None:
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    return None


class Measurement:
    """From its making to :meth:`report`."""

    def __init__(self, meter: Meter | None):
        self._meter = meter
        try:
            # the high-water mark of this process begins anew
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            pass
        if meter is not None:
            meter.peak_memory = 0
        self._cpu = _cpu_seconds()
        self._clock = time.monotonic()

    def seconds(self) -> float:
        """Wall time until now."""
        return round(time.monotonic() - self._clock, 6)

    def report(self) -> dict[str, Any]:
        """Members of the attempt's provenance."""
        peaks = [peak for peak in (_own_peak(), self._meter and self._meter.peak_memory) if peak]
        return {
            "seconds": self.seconds(),
            "cpu_seconds": round(_cpu_seconds() - self._cpu, 6),
            "peak_memory_bytes": max(peaks) if peaks else None,
            "pid": os.getpid(),
            "variables": {k: os.environ[k] for k in REPORTED_VARIABLES if k in os.environ},
        }


def leftovers(meter: Meter | None) -> int:
    """Processes that units have started and that still run."""
    # orphans go to the guard above this process
    top = os.getpid() if meter is None else os.getppid()
    return sum(pid != os.getpid() for pid in descendants(top))
