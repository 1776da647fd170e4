"""gufe objects that are asked for again and again, read once."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from gufe.tokenization import GufeTokenizable

from .errors import ExecutorError
from .files import read_gufe

_MAX_BYTES = 64 * 1024 * 1024
_kept: OrderedDict[tuple[str, int, int], tuple[GufeTokenizable, int]] = OrderedDict()


def kept_object(path: Path) -> GufeTokenizable:
    """The object in a file; the last ones, as many as 64 MiB of files hold, stay in memory.

    Raises
    ------
    ExecutorError
        Of kind ``unreadable_input`` or ``class_unavailable``.
    """
    try:
        info = path.stat()
    except OSError as error:
        raise ExecutorError("unreadable_input", f"cannot read {path}: {error}") from error
    key = (str(path), info.st_size, info.st_mtime_ns)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key][0]
    found = read_gufe(path)
    _kept[key] = (found, info.st_size)
    while len(_kept) > 1 and sum(size for _, size in _kept.values()) > _MAX_BYTES:
        _kept.popitem(last=False)
    return found
