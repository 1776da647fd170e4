"""What a unit is likely to compute on, told from its class and its settings."""

from __future__ import annotations

import re
from typing import Any

from gufe.protocols import ProtocolUnit

_LIGHT = re.compile(r"(setup|analysis|gather|result|finish|start)(unit)?$|^(setup|analysis)", re.I)
_HEAVY = re.compile(r"simulation|sampl|dynamics|switching|run(unit)?$", re.I)


def _platform(inputs: dict[str, Any]) -> str | None:
    """The OpenMM platform that the settings ask for, in lower case."""
    for value in inputs.values():
        settings = getattr(value, "settings", value)
        for name in ("engine_settings", "solvent_engine_settings", "vacuum_engine_settings"):
            platform = getattr(getattr(settings, name, None), "compute_platform", None)
            if isinstance(platform, str):
                return platform.lower()
    return None


def resource_hints(unit: ProtocolUnit) -> dict[str, Any]:
    """``gpu`` is true, false, or null where nobody knows."""
    name = type(unit).__qualname__
    gpu: bool | None = None
    if _LIGHT.search(name) and not _HEAVY.search(name):
        gpu = False
    else:
        platform = _platform(unit.inputs)
        if platform in ("cuda", "opencl", "hip"):
            gpu = True
        elif platform in ("cpu", "reference"):
            gpu = False
    return {"gpu": gpu, "cores": None, "memory": None}
