"""Where stdout and stderr of a unit go: to files of its own."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).fflush(None)


@contextlib.contextmanager
def output_to(stdout: Path, stderr: Path) -> Iterator[None]:
    """Redirect file descriptors 1 and 2, hence also what other processes and C libraries write."""
    _flush()
    saved = [os.dup(1), os.dup(2)]
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    try:
        for descriptor, path in ((1, stdout), (2, stderr)):
            file = os.open(path, flags, 0o644)
            os.dup2(file, descriptor)
            os.close(file)
        yield
    finally:
        _flush()
        for descriptor, copy in ((1, saved[0]), (2, saved[1])):
            os.dup2(copy, descriptor)
            os.close(copy)
