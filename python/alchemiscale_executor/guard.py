"""The small process above the interpreter that sees to the end of all that a Protocol has started.

The two part before anything large is imported. The interpreter below leads a session of its own;
whatever that starts stays below the guard, also what becomes a daemon, because the guard adopts
orphans (``PR_SET_CHILD_SUBREAPER``, Linux). It ends them all when the interpreter ends, when the
service closes the pipe ``life`` or dies, and when they use more memory together than they may.
"""

from __future__ import annotations

import ctypes
import gc
import json
import mmap
import os
import select
import signal
import stat
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_TICK_SECONDS = 0.2
_IDLE_TICK_SECONDS = 1.0
_PROC = Path("/proc")


class Meter:
    """Memory shared by guard and interpreter: limits that the guard keeps, and what it has seen.

    All in bytes; a limit of 0 is none.
    """

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, mmap.PAGESIZE)

    def _get(self, index: int) -> int:
        return int(struct.unpack_from("q", self._map, 8 * index)[0])

    def _set(self, index: int, value: int) -> None:
        struct.pack_into("q", self._map, 8 * index, value)

    @property
    def memory_limit(self) -> int:
        """What all processes below the guard may use together."""
        return self._get(0)

    @memory_limit.setter
    def memory_limit(self, value: int) -> None:
        self._set(0, value)

    @property
    def peak_memory(self) -> int:
        """The most that they were seen to use since this was set to 0."""
        return self._get(1)

    @peak_memory.setter
    def peak_memory(self, value: int) -> None:
        self._set(1, value)

    @property
    def output_limit(self) -> int:
        """How large the files behind stdout and stderr of the interpreter may grow."""
        return self._get(2)

    @output_limit.setter
    def output_limit(self, value: int) -> None:
        self._set(2, value)


@contextmanager
def bounded(
    meter: Meter | None, memory_limit: int | None, output_limit: int | None = None
) -> Iterator[None]:
    """Limits for a while, and a working directory that is what it was before."""
    directory = os.getcwd()
    if meter is not None:
        meter.memory_limit = memory_limit or 0
        meter.output_limit = output_limit or 0
    try:
        yield
    finally:
        if meter is not None:
            meter.memory_limit = 0
            meter.output_limit = 0
        # whatever the Protocol did, the next one starts where this one did
        os.chdir(directory)
        gc.collect()


def _prctl(option: int, value: int) -> None:
    try:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
    except (AttributeError, OSError):
        pass  # not Linux


def descendants(pid: int) -> list[int]:
    """All processes below ``pid``, zombies left out; none where there is no ``/proc``."""
    found: list[int] = []
    pending = [pid]
    while pending:
        for child in _children(pending.pop()):
            pending.append(child)
            if not _is_zombie(child):
                found.append(child)
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            text = Path(f"/proc/{pid}/task/{task}/children").read_text()
            children.extend(int(word) for word in text.split())
    except OSError:
        pass  # it has ended
    return children


def _is_zombie(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return text.rpartition(")")[2].split()[0] in ("Z", "X")


def _memory_of(pid: int, *, shared_once: bool) -> int:
    """Bytes: the resident set, or without what others have, too, which takes the kernel longer."""
    try:
        if shared_once:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return 1024 * int(line.split()[1])
            return 0
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * mmap.PAGESIZE
    except (OSError, IndexError, ValueError):
        return 0


def memory_of(pids: list[int], limit: int) -> int:
    """Bytes that the processes use together, exact enough to compare with ``limit``."""
    total = sum(_memory_of(pid, shared_once=False) for pid in pids)
    # forked processes share most of their pages
    if len(pids) > 1 and (limit == 0 or total > limit):
        exact = sum(_memory_of(pid, shared_once=True) for pid in pids)
        total = exact or total
    return total


def _end_all(worker: int) -> None:
    """Kill everything below this process, and what may be added meanwhile."""
    for _ in range(200):
        below = descendants(os.getpid())
        # stopped first: who is stopped does not fork
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in below:
                _kill(pid, number)
        _kill_group(worker)
        if _reap(worker):
            return
        time.sleep(0.005)


def _kill(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except OSError:
        pass


_status: dict[int, int] = {}


def _reap(worker: int) -> bool:
    """Take leave of all that have ended; the interpreter's status is kept. Whether all have."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid == 0:
            return False
        if pid == worker:
            _status[worker] = status


def _hold_output(worker: int, limit: int) -> None:
    """Cut the files behind stdout and stderr; the writer, who appends, goes on at the new end."""
    for descriptor in (1, 2):
        path = f"/proc/{worker}/fd/{descriptor}"
        try:
            info = os.stat(path)
            if stat.S_ISREG(info.st_mode) and info.st_size > 2 * limit:
                os.truncate(path, limit)
        except OSError:
            pass


def watch(worker: int, life_fd: int, events_fd: int, meter: Meter) -> None:
    """Wait for the end, see to it, tell of it, and end as the interpreter did."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    poll = select.poll()
    poll.register(life_fd, select.POLLIN | select.POLLHUP)
    exit_fd = None
    if hasattr(os, "pidfd_open"):
        try:
            exit_fd = os.pidfd_open(worker)
            poll.register(exit_fd, select.POLLIN)
        except OSError:
            pass
    reason: str | None = None
    used = 0
    while True:
        watched = meter.memory_limit > 0 or meter.output_limit > 0
        tick = _TICK_SECONDS if watched or exit_fd is None else _IDLE_TICK_SECONDS
        ready = {fd for fd, _ in poll.poll(1000 * tick)}
        _reap(worker)
        if worker in _status:
            break
        if life_fd in ready:
            # nothing is ever written to it: this is its end
            reason = "killed"
            break
        if exit_fd in ready:
            continue
        limit = meter.memory_limit
        if watched:
            used = memory_of(descendants(os.getpid()), limit)
            meter.peak_memory = max(meter.peak_memory, used)
            if 0 < limit < used:
                reason = "memory_limit"
                break
            if meter.output_limit > 0:
                _hold_output(worker, meter.output_limit)
    _end_all(worker)
    status = _status.get(worker, -1)
    line: dict[str, object] = {"event": "ended", "reason": reason}
    line |= {"exit_code": None, "signal": None}
    if status >= 0 and os.WIFSIGNALED(status):
        line["signal"] = signal.Signals(os.WTERMSIG(status)).name
    elif status >= 0:
        line["exit_code"] = os.WEXITSTATUS(status)
    if reason == "memory_limit":
        line["used"] = used
    try:
        # the interpreter may have been cut off in the middle of a line
        os.write(events_fd, b"\n" + json.dumps(line).encode("ascii") + b"\n")
    except OSError:
        pass
    os._exit(0 if line["exit_code"] == 0 else 1)


def fork_below_guard(life_fd: int, requests_fd: int, events_fd: int) -> Meter:
    """Split this process: the guard stays above and never returns, the interpreter goes on."""
    meter = Meter()
    guard = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    worker = os.fork()
    if worker > 0:
        os.close(requests_fd)
        watch(worker, life_fd, events_fd, meter)
    os.close(life_fd)
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:
        os._exit(1)
    try:
        # when memory runs out the kernel shall take the Task, and not the service
        Path("/proc/self/oom_score_adj").write_text("900")
    except OSError:
        pass
    return meter
