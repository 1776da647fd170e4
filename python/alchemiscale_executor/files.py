"""Big values, as files that appear whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

from gufe.tokenization import JSON_HANDLER, GufeTokenizable, key_decode_dependencies

from .errors import ExecutorError

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` by another name, fsync and rename.

    Raises
    ------
    ExecutorError
        Of kind ``io_error``.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except OSError as error:
        raise ExecutorError("io_error", f"cannot write {path}: {error}") from error


def compressed(data: bytes) -> bytes:
    """One zstd frame that says its content size."""
    import zstandard

    return zstandard.ZstdCompressor(level=3).compress(data)


def make_directory(path: Path) -> None:
    """Make ``path`` and what is above it.

    Raises
    ------
    ExecutorError
        Of kind ``io_error``.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExecutorError("io_error", f"cannot make directory {path}: {error}") from error


def read_gufe(path: Path, by_label: dict[str, GufeTokenizable] | None = None) -> GufeTokenizable:
    """The object in a file of JSON (keyed chain or deep dict), zstd-compressed or not.

    ``by_label`` takes the objects of a keyed chain by the keys that they have there: another gufe
    may have made those, and this one may give others.

    Raises
    ------
    ExecutorError
        Of kind ``unreadable_input`` or ``class_unavailable``.
    """
    try:
        data = path.read_bytes()
        if data.startswith(_ZSTD_MAGIC):
            import zstandard

            # no reliance on the content size, which other writers may leave out
            data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
        text = data.decode("utf-8")
    except Exception as error:
        raise ExecutorError("unreadable_input", f"cannot read {path}: {error}") from error
    try:
        # not from_json: it tries the other form on any ValueError, and that error hides the first
        document = json.loads(text, cls=JSON_HANDLER.decoder)
        if isinstance(document, list):
            objects = {} if by_label is None else by_label
            for label, content in document:
                objects[label] = key_decode_dependencies(content, registry=objects)
            return objects[document[-1][0]]
        return GufeTokenizable.from_dict(document)
    except (ImportError, AttributeError) as error:
        # gufe imports the module named in the JSON and takes the class from it
        raise ExecutorError(
            "class_unavailable", f"{path.name} needs a class that is not here: {error}"
        ) from error
    except Exception as error:
        raise ExecutorError(
            "unreadable_input",
            f"gufe cannot make an object of {path.name}: {type(error).__qualname__}: {error}",
        ) from error
