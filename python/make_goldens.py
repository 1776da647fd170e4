"""Write ``goldens/``: objects of ``alchemiscale_harmonic`` as the Python classes make them.

    python make_goldens.py

UUIDs, clocks and seeds are fixed, so that a second run writes the same bytes. ``index.json`` says,
for each file, the key of its object and, for each chain entry, its key and the text that is hashed
(null where the key is a UUID).
"""

from __future__ import annotations

import datetime
import json
import random
import tempfile
import traceback
import uuid
from pathlib import Path
from unittest import mock

import gufe.protocols.protocolunit
from gufe import AlchemicalNetwork, ChemicalSystem, Transformation
from gufe.protocols import ProtocolDAGResult
from gufe.protocols.protocoldag import execute_DAG
from gufe.settings import ThermoSettings
from gufe.tokenization import JSON_HANDLER, GufeTokenizable, KeyedChain
from openff.units import Quantity

from alchemiscale_harmonic import (
    FailureSettings,
    HarmonicSwitchingProtocol,
    HarmonicSwitchingSettings,
    HarmonicWellComponent,
    SwitchingSettings,
)
from alchemiscale_harmonic.bar import bar
from alchemiscale_harmonic.switching import (
    RandomStreams,
    Schedule,
    exact_free_energy,
    switching_work,
)

TARGET = Path(__file__).with_name("goldens")

_real_format_exc = traceback.format_exc
_uuids = random.Random(20260101)
_clock = datetime.datetime(2026, 1, 2, 3, 4, 5, 60)


def _uuid4() -> uuid.UUID:
    return uuid.UUID(int=_uuids.getrandbits(128), version=4)


def _format_exc() -> str:
    # where Python happens to be installed is not for the record
    text = _real_format_exc()
    packages = str(Path(gufe.__file__).parents[1])
    for prefix in (packages, str(Path(__file__).parent)):
        text = text.replace(prefix, "/opt/env/lib/python3.11/site-packages")
    return text


class _Clock(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        global _clock
        _clock += datetime.timedelta(milliseconds=1500)
        return _clock


def _canonical(obj: GufeTokenizable) -> str | None:
    """The text whose md5 is the token, or None where the key is a UUID."""
    if type(obj)._gufe_tokenize is not GufeTokenizable._gufe_tokenize:
        return None
    dct = obj.to_keyed_dict(include_defaults=False)
    return json.dumps(dct, cls=JSON_HANDLER.encoder, sort_keys=True)


def _objects(obj: GufeTokenizable) -> dict[str, GufeTokenizable]:
    found: dict[str, GufeTokenizable] = {}
    KeyedChain.from_gufe(obj).to_gufe(found)
    return found


def _run(transformation: Transformation, name: str, **options: object) -> ProtocolDAGResult:
    with tempfile.TemporaryDirectory() as directory:
        dag = transformation.create(name=name, **options)
        return execute_DAG(
            dag,
            shared_basedir=Path(directory),
            scratch_basedir=Path(directory),
            raise_error=False,
            n_retries=1,
        )


def main() -> None:
    """Write all files."""
    default = HarmonicSwitchingProtocol(HarmonicSwitchingProtocol.default_settings())
    small = HarmonicSwitchingSettings(
        thermo_settings=ThermoSettings(temperature=Quantity(300, "kelvin")),
        switching_settings=SwitchingSettings(
            n_switches=6,
            n_steps=20,
            timestep=Quantity(1.0, "picosecond"),
            diffusion_coefficient=Quantity(1e-05, "meter ** 2 / second") / 1000,
        ),
        failure_settings=FailureSettings(),
        seed=20260101,
    )
    seeded = HarmonicSwitchingProtocol(small)
    broken_settings = small.unfrozen_copy()
    broken_settings.failure_settings.fail_unit = "reverse"
    broken = HarmonicSwitchingProtocol(broken_settings)

    wells = {
        "one": HarmonicWellComponent(name="one", force_constant=10, center=[0.0]),
        "two": HarmonicWellComponent(
            name="two",
            force_constant=Quantity(8368.0, "kilojoule_per_mole / nanometer ** 2") / 100,
            center=[0.19999999999999998],
            offset=Quantity(-1.5, "kilocalorie_per_mole"),
        ),
        "µ three": HarmonicWellComponent(name="µ three", force_constant=1e-05, center=[-1e22]),
        "solid": HarmonicWellComponent(
            name="solid", force_constant=5.5, center=[0.1, -0.2, 0.0], offset=3
        ),
    }
    systems = {name: ChemicalSystem({"well": well}, name=name) for name, well in wells.items()}
    edge = Transformation(systems["one"], systems["two"], protocol=seeded, name="one to two")
    bad_edge = Transformation(systems["one"], systems["two"], protocol=broken, name="will fail")
    network = AlchemicalNetwork(
        edges=[
            edge,
            bad_edge,
            Transformation(systems["two"], systems["one"], protocol=default, name="and back"),
        ],
        nodes=list(systems.values()),
        name="goldens",
    )
    ok = _run(edge, "first")
    extension = _run(edge, "second", extends=ok)
    failed = _run(bad_edge, "failed")
    gathered = seeded.gather([ok, extension])
    objects: dict[str, GufeTokenizable] = {
        **{f"component-{i}": well for i, well in enumerate(wells.values())},
        "protocol-default": default,
        "protocol-seeded": seeded,
        "protocol-failing": broken,
        "transformation": edge,
        "transformation-failing": bad_edge,
        "network": network,
        "dag-result-ok": ok,
        "dag-result-extension": extension,
        "dag-result-failed": failed,
        "protocol-result": gathered,
    }
    TARGET.mkdir(exist_ok=True)
    index: dict[str, object] = {}
    for name, obj in objects.items():
        text = obj.to_json()
        (TARGET / f"{name}.json").write_text(text + "\n", encoding="ascii")
        index[f"{name}.json"] = {
            "key": str(obj.key),
            "qualname": type(obj).__qualname__,
            "chain": [
                {"key": key, "canonical": _canonical(entry)} for key, entry in _objects(obj).items()
            ],
        }
    a, b = wells["one"].well, wells["two"].well
    numbers: dict[str, object] = {
        "gathered": {
            "files": ["dag-result-ok.json", "dag-result-extension.json"],
            "estimate": gathered.get_estimate().m,
            "uncertainty": gathered.get_uncertainty().m,
            "unit": str(gathered.get_estimate().units),
        },
        "exact": {
            "transformation.json": exact_free_energy(a, b, 300.0),
        },
        "bar": [
            {"forward": f, "reverse": r, "estimate": bar(f, r)[0], "uncertainty": bar(f, r)[1]}
            for f, r in [
                ([1.20, 0.80, 2.10, 1.50, 0.95], [-0.30, -0.90, 0.20, -0.50, -0.70]),
                ([1.20, 0.80, 2.10, 1.50, 0.95], [-0.30, -0.90, 0.20]),
                ([1.0], [3.0]),
                ([9.0, 7.5, 8.25], [2.5, 4.0]),
                ([1e-17, -1e-17], [0.0, 0.0]),
                ([2.5, 2.5], [-2.5, -2.5, -2.5]),
            ]
        ],
        "streams": [
            {
                "seed": seed,
                "direction": direction,
                "index": 1,
                "words": [int(streams._next()[1]) for _ in range(4)],
                "normals": [float(streams.normal()[1]) for _ in range(4)],
            }
            for seed, direction in [("20260101", "forward"), ("ab.1", "reverse")]
            for streams in [RandomStreams(seed, direction, 2)]
        ],
        "work": [
            {
                "wells": [
                    {"force_constant": w.force_constant, "center": w.center, "offset": w.offset}
                    for w in (start, end)
                ],
                "n_steps": schedule.n_steps,
                "timestep": schedule.timestep,
                "diffusion_coefficient": schedule.diffusion_coefficient,
                "temperature": schedule.temperature,
                "seed": "7",
                "direction": direction,
                "reduced_work": switching_work(
                    start, end, schedule, RandomStreams("7", direction, 3)
                ).tolist(),
            }
            for start, end, direction, schedule in [
                (a, b, "forward", Schedule(20, 1.0, 0.01, 300.0)),
                (
                    wells["solid"].well,
                    HarmonicWellComponent(
                        name="x", force_constant=12, center=[0, 0, 0.25], offset=-1
                    ).well,
                    "reverse",
                    Schedule(7, 0.25, 0.02, 310.0),
                ),
                (b, a, "forward", Schedule(1, 1.0, 0.01, 300.0)),
            ]
        ],
    }
    (TARGET / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="ascii")
    (TARGET / "numbers.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="ascii")
    print(f"{len(objects) + 2} files in {TARGET.name}/")


if __name__ == "__main__":
    with (
        mock.patch("uuid.uuid4", _uuid4),
        mock.patch("traceback.format_exc", _format_exc),
        mock.patch.object(gufe.protocols.protocolunit.datetime, "datetime", _Clock),
    ):
        main()
