"""From the fields of a request to typed values."""

from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

from .errors import ExecutorError

T = TypeVar("T")


def parse(cls: type[T], request: dict[str, Any]) -> T:
    """A dataclass from the fields of a request; unknown fields are ignored.

    Raises
    ------
    ExecutorError
        Of kind ``bad_request``, naming the field.
    """
    values: dict[str, Any] = {}
    hints = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        value = request.get(field.name)
        if value is None and field.name not in request:
            if field.default is dataclasses.MISSING and type(None) not in _options(
                hints[field.name]
            ):
                raise ExecutorError("bad_request", f"field '{field.name}' is missing")
            value = None if field.default is dataclasses.MISSING else field.default
        values[field.name] = _typed(field.name, value, hints[field.name])
    return cls(**values)


def _options(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


def _typed(name: str, value: Any, hint: Any) -> Any:
    options = _options(hint)
    if Path in options and isinstance(value, str):
        return absolute_path(name, value)
    if not (isinstance(value, bool) and bool not in options):
        for option in options:
            if isinstance(value, option):
                if isinstance(value, int) and value < 0 and name != "exit_code":
                    raise ExecutorError("bad_request", f"field '{name}' is negative: {value}")
                return value
    expected = " or ".join("text" if o in (str, Path) else o.__name__ for o in options)
    raise ExecutorError("bad_request", f"field '{name}' must be {expected}, got {value!r:.100}")


def absolute_path(name: str, value: Any) -> Path:
    """The path that a field or a member of it holds."""
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise ExecutorError(
            "bad_request", f"field '{name}' is not an absolute path: {value!r:.500}"
        )
    return Path(value)


def class_names(request: dict[str, Any]) -> list[tuple[str, str]]:
    """The (module, qualname) pairs of ``can_run``."""
    classes = request.get("classes")
    if not isinstance(classes, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(x, str) for x in pair)
        for pair in classes
    ):
        raise ExecutorError("bad_request", "field 'classes' must be a list of [module, qualname]")
    return [(module, qualname) for module, qualname in classes]


def module_names(request: dict[str, Any]) -> list[str]:
    """The modules of ``list_protocols``."""
    modules = request.get("modules") or []
    if not isinstance(modules, list) or not all(isinstance(m, str) for m in modules):
        raise ExecutorError("bad_request", "field 'modules' must be a list of module names")
    return modules
