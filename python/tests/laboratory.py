"""A Protocol and a Strategy that only some laboratory has, well behaved or not.

``python laboratory.py DIRECTORY [SETTING=VALUE …]`` writes a network of them, with results.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from gufe import AlchemicalNetwork, ChemicalSystem, SolventComponent, Transformation
from gufe.protocols import Context, Protocol, ProtocolResult, ProtocolUnit
from gufe.protocols.protocoldag import execute_DAG
from gufe.settings import SettingsBaseModel
from misbehaving import eat_memory
from openff.units import Quantity
from stratocaster.base import Strategy, StrategyResult
from stratocaster.base.models import StrategySettings


def misbehave(deed: str) -> None:
    print("not a line of JSON", flush=True)
    if deed == "raise":
        raise RuntimeError("not on Sundays")
    if deed == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if deed == "sleep":
        time.sleep(60)
    if deed == "eat memory":
        eat_memory()


class LabSettings(SettingsBaseModel):
    values: list[float] = [4.184, 8.368]
    unit: str = "kilojoule / mole"
    deed: str = "nothing"


class LabUnit(ProtocolUnit):
    @staticmethod
    def _execute(ctx: Context, *, value: float, **inputs: Any) -> dict[str, Any]:
        return {"value": value}


class LabResult(ProtocolResult):
    """Mean and range of what the results have, in the unit of the settings; none: plain numbers."""

    def _told(self, number: float) -> Any:
        return Quantity(number, self.data["unit"]) if self.data["unit"] else number

    def get_estimate(self) -> Any:
        return self._told(sum(self.data["values"]) / len(self.data["values"]))

    def get_uncertainty(self) -> Any:
        return self._told(max(self.data["values"]) - min(self.data["values"]))


class LabProtocol(Protocol):
    result_cls = LabResult
    _settings_cls = LabSettings

    @classmethod
    def _default_settings(cls) -> LabSettings:
        return LabSettings()

    def _create(self, stateA: Any, stateB: Any, mapping: Any, extends: Any = None) -> list[Any]:
        return [LabUnit(name="one", value=value) for value in self.settings.values]

    def _gather(self, protocol_dag_results: Any) -> dict[str, Any]:
        misbehave(self.settings.deed)
        outputs = [r.outputs for each in protocol_dag_results for r in each.protocol_unit_results]
        return {"values": [o["value"] for o in outputs], "unit": self.settings.unit}


class LabStrategySettings(StrategySettings):
    deed: str = "nothing"


class LabStrategy(Strategy):
    """1 for what has no result, else the uncertainty in kcal/mol, or null where that is 0."""

    _settings_cls = LabStrategySettings

    @classmethod
    def _default_settings(cls) -> LabStrategySettings:
        return LabStrategySettings()

    def _propose(self, alchemical_network: Any, protocol_results: Any) -> StrategyResult:
        misbehave(self.settings.deed)
        weights: dict[Any, float | None] = {}
        for edge in alchemical_network.edges:
            result = protocol_results[edge.key]
            if result is None:
                weights[edge.key] = 1.0
            else:
                known = result.get_uncertainty().m_as("kilocalorie / mole")
                weights[edge.key] = known or None
        return StrategyResult(weights)


def main(directory: Path, settings: dict[str, str]) -> None:
    """Three systems in a row; results of the first of two Transformations."""
    waters = [
        ChemicalSystem({"s": SolventComponent(ion_concentration=Quantity(c, "molar"))}, name=str(c))
        for c in (0.1, 0.2, 0.3)
    ]
    protocol = LabProtocol(LabSettings(**settings))
    edges = [
        Transformation(a, b, protocol=protocol, name=name)
        for a, b, name in [(*waters[:2], "first"), (*waters[1:], "second")]
    ]
    strategy = LabStrategy(LabStrategySettings())
    (directory / "protocol.json").write_text(protocol.to_json())
    (directory / "network.json").write_text(AlchemicalNetwork(edges).to_json())
    (directory / "strategy.json").write_text(strategy.to_json())
    for number in range(2):
        result = execute_DAG(edges[0].create(), shared_basedir=directory, scratch_basedir=directory)
        (directory / f"result-{number}.json").write_text(result.to_json())
    print(*(edge.key for edge in edges))


if __name__ == "__main__":
    # so that the classes have the name they are imported by
    from laboratory import main as main_of_module

    main_of_module(Path(sys.argv[1]), dict(word.split("=", 1) for word in sys.argv[2:]))
