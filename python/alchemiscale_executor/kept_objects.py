"""gufe objects that are asked for again and again, read once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from .errors import ExecutorError

T = TypeVar("T")

_MAX_BYTES = 64 * 1024 * 1024
_kept: OrderedDict[tuple[Any, ...], tuple[Any, int]] = OrderedDict()


def kept_object(path: Path, read: Callable[[Path], T]) -> T:
    """What ``read`` makes of a file; the last ones, of 64 MiB of files together, stay in memory.

    Raises
    ------
    ExecutorError
        Of kind ``unreadable_input`` where there is no such file; what ``read`` raises.
    """
    try:
        info = path.stat()
    except OSError as error:
        raise ExecutorError("unreadable_input", f"cannot read {path}: {error}") from error
    key = (read, str(path), info.st_size, info.st_mtime_ns)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key][0]
    found = read(path)
    _kept[key] = (found, info.st_size)
    while len(_kept) > 1 and sum(size for _, size in _kept.values()) > _MAX_BYTES:
        _kept.popitem(last=False)
    return found
