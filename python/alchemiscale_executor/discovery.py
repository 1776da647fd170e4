"""What this interpreter is, and which Protocols it can run."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import os
import pkgutil
import platform
import sys
from collections.abc import Iterable
from typing import Any

from . import WIRE_VERSION, __version__
from .errors import ExecutorError
from .protocol_modules import protocol_modules

PACKAGES = (
    "openfe",
    "feflow",
    "openmm",
    "openmmtools",
    "openff-toolkit",
    "openff-units",
    "openff-interchange",
    "openmmforcefields",
    "pymbar",
    "rdkit",
    "numpy",
    "alchemiscale",
    "alchemiscale-harmonic",
)
"""Distributions whose version matters to whoever wonders about a result."""

PROTOCOL_PACKAGES = ("openfe.protocols", "feflow.protocols", "alchemiscale_harmonic")
"""Where Protocols are looked for when nobody says which to run."""


def hello() -> dict[str, Any]:
    """Versions of this interpreter and of what it has."""
    try:
        import gufe
    except Exception as error:
        raise ExecutorError(
            "no_gufe", f"gufe cannot be imported by {sys.executable}: {error}"
        ) from error
    packages = {}
    for name in PACKAGES:
        try:
            packages[name.replace("-", "_")] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "reply": "hello",
        "wire": WIRE_VERSION,
        "executor": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "pid": os.getpid(),
        "gufe": gufe.__version__,
        "packages": packages,
    }


def _class_problem(module: str, qualname: str) -> str | None:
    """Why the Protocol cannot be run; None where it can."""
    from gufe.protocols import Protocol
    from gufe.tokenization import import_qualname

    try:
        cls = import_qualname(module, qualname)
    except (Exception, SystemExit) as error:
        return f"{type(error).__qualname__}: {error}"
    if not (isinstance(cls, type) and issubclass(cls, Protocol)):
        return "not a subclass of gufe.Protocol"
    if inspect.isabstract(cls):
        return "an abstract class"
    return None


def can_run(classes: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """For each (module, qualname), whether it is a Protocol that can be imported here."""
    rows: list[dict[str, Any]] = []
    for module, qualname in classes:
        problem = _class_problem(module, qualname)
        row: dict[str, Any] = {"module": module, "qualname": qualname, "runs": problem is None}
        if problem is not None:
            row["reason"] = problem
        rows.append(row)
    return {"reply": "can_run", "classes": rows}


def list_protocols(modules: Iterable[str]) -> dict[str, Any]:
    """All concrete Protocol classes in ``modules``, the well-known packages, and what is found."""
    from gufe.protocols import Protocol

    not_imported: dict[str, str] = {}

    def load(name: str) -> Any:
        try:
            return importlib.import_module(name)
        except Exception as error:
            not_imported[name] = f"{type(error).__qualname__}: {error}"
            return None

    for name in modules:
        load(name)
    for package in PROTOCOL_PACKAGES:
        if importlib.util.find_spec(package.partition(".")[0]) is None:
            continue
        module = load(package)
        for info in pkgutil.iter_modules(getattr(module, "__path__", [])):
            if not info.name.startswith("_"):
                load(f"{package}.{info.name}")

    for name in protocol_modules():
        try:
            importlib.import_module(name)
        except BaseException as error:
            # Nobody asked for it, and it may be a test or a script that ends the process.
            if isinstance(error, KeyboardInterrupt):
                raise

    found: set[tuple[str, str]] = set()
    pending = [Protocol]
    while pending:
        for cls in pending.pop().__subclasses__():
            pending.append(cls)
            # A class made inside a function cannot be imported by its name, and servers take no
            # keys of one inside a class.
            if not cls.__qualname__.isidentifier():
                continue
            if _class_problem(cls.__module__, cls.__qualname__) is None:
                found.add((cls.__qualname__, cls.__module__))
    return {
        "reply": "list_protocols",
        "protocols": [{"module": module, "qualname": name} for name, module in sorted(found)],
        "not_imported": not_imported,
    }
