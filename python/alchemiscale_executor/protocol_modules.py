"""Finds the modules of an environment that define Protocols, by reading their source.

A Protocol has no registry: its class exists once its module is imported. Importing everything would
run code that nobody asked for, so only those modules are named whose source mentions gufe or openfe
and has a class with a base called ``…Protocol``.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

MAX_FILES = 20_000
"""Source files read at most: a folder on the path may be someone's home."""

_FRAMEWORKS = re.compile(r"^(gufe|openfe|feflow)\b", re.IGNORECASE)
_MENTIONS = re.compile(rb"\b(gufe|openfe|feflow)\b")
_CLASS = re.compile(rb"^[ \t]*class\s+\w+\s*\([^)]*Protocol\s*[,)]", re.MULTILINE)


def protocol_modules() -> list[str]:
    """Names of modules that seem to define Protocols, sorted; nothing is imported."""
    names: set[str] = set()
    left = MAX_FILES
    for root, skipped in _roots():
        for module, file in _sources(root, skipped):
            left -= 1
            if left < 0:
                return sorted(names)
            try:
                source = file.read_bytes()
            except OSError:
                continue
            if _CLASS.search(source) and _MENTIONS.search(source):
                names.add(module)
    return sorted(names)


def _roots() -> Iterator[tuple[Path, frozenset[str]]]:
    """Folders of the path, each with the top-level names to pass over there."""
    paths = sysconfig.get_paths()
    standard = {Path(paths[name]).resolve() for name in ("stdlib", "platstdlib")}
    own = Path(__file__).resolve().parent.parent
    unrelated = _unrelated_packages()
    seen: set[Path] = set()
    for entry in sys.path:
        root = Path(entry or ".").resolve()
        if root in seen or root in standard or root == own or not root.is_dir():
            continue
        seen.add(root)
        if root.name == "lib-dynload":
            continue
        yield root, unrelated if root.name in ("site-packages", "dist-packages") else frozenset()


def _unrelated_packages() -> frozenset[str]:
    """Top-level names of installed distributions that do not depend on gufe."""
    related: dict[str, bool] = {}
    for name, distributions in importlib.metadata.packages_distributions().items():
        related[name] = any(_is_related(distribution) for distribution in set(distributions))
    return frozenset(name for name, is_related in related.items() if not is_related)


def _is_related(distribution: str) -> bool:
    try:
        requirements = importlib.metadata.requires(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return True
    return bool(_FRAMEWORKS.match(distribution)) or any(map(_FRAMEWORKS.match, requirements))


def _sources(root: Path, skipped: frozenset[str]) -> Iterator[tuple[str, Path]]:
    """Modules below a folder of the path, with their files."""
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        parents = here.relative_to(root).parts
        folders[:] = sorted(
            name
            for name in folders
            if name.isidentifier()
            and name not in ("__pycache__", "node_modules")
            and (parents or name not in skipped)
            and (here / name / "__init__.py").is_file()
        )
        for file in sorted(files):
            name, extension = os.path.splitext(file)
            if extension != ".py" or not name.isidentifier() or name == "__main__":
                continue
            if not parents and name in skipped:
                continue
            module = parents if name == "__init__" else (*parents, name)
            if module:
                yield ".".join(module), here / file
