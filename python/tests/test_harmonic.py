"""The harmonic Protocol: physics, statistics, serialized form."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import gufe
import numpy as np
import pytest
from gufe import AlchemicalNetwork, ChemicalSystem, SolventComponent, Transformation
from gufe.protocols import ProtocolDAGResult
from gufe.protocols.errors import ProtocolValidationError
from gufe.protocols.protocoldag import execute_DAG
from gufe.tokenization import TOKENIZABLE_REGISTRY, GufeTokenizable
from openff.units import Quantity

from alchemiscale_harmonic import (
    HarmonicSwitchingProtocol,
    HarmonicSwitchingSettings,
    HarmonicWellComponent,
    InjectedFailure,
)
from alchemiscale_harmonic.bar import OverlapError, bar
from alchemiscale_harmonic.switching import (
    R_KCAL,
    RandomStreams,
    Schedule,
    Well,
    exact_free_energy,
    switching_work,
)

ROOT = Path(__file__).resolve().parents[1]
GOLDENS = ROOT / "goldens"

# gufe 1.12 gave Transformations a field more, so that their keys are others
made_by_this_gufe = pytest.mark.skipif(
    tuple(int(x) for x in gufe.__version__.split(".")[:2]) < (1, 12),
    reason="golden files are made with gufe 1.12",
)

SOFT = Well(5.0, (0.0, 0.0), 0.0)
STIFF = Well(20.0, (0.2, 0.1), 1.0)


def system(name: str, k: float, center: list[float], offset: float = 0.0) -> ChemicalSystem:
    well = HarmonicWellComponent(name=name, force_constant=k, center=center, offset=offset)
    return ChemicalSystem({"well": well}, name=name)


def edge(**changes: object) -> Transformation:
    settings = HarmonicSwitchingProtocol.default_settings()
    for path, value in changes.items():
        target: object = settings
        *groups, name = path.split("__")
        for group in groups:
            target = getattr(target, group)
        setattr(target, name, value)
    return Transformation(
        system("a", 5, [0.0, 0.0]),
        system("b", 20, [0.2, 0.1], 1.0),
        protocol=HarmonicSwitchingProtocol(settings),
        name="a to b",
    )


def run(
    transformation: Transformation, directory: Path, extends: ProtocolDAGResult | None = None
) -> ProtocolDAGResult:
    return execute_DAG(
        transformation.create(extends=extends),
        shared_basedir=directory,
        scratch_basedir=directory,
        raise_error=False,
        n_retries=1,
    )


@pytest.mark.parametrize("n_steps", [1, 4, 100])
def test_crooks_relation_holds_for_any_number_of_steps(n_steps: int) -> None:
    """The pooled estimate has no bias, and its pulls a standard deviation of one."""
    schedule = Schedule(n_steps, 0.5, 0.01, 300.0)
    exact = exact_free_energy(SOFT, STIFF, 300.0) / (R_KCAL * 300.0)
    pulls = []
    for repeat in range(200):
        forward = RandomStreams(f"{n_steps}.{repeat}", "forward", 300)
        reverse = RandomStreams(f"{n_steps}.{repeat}", "reverse", 300)
        estimate, error = bar(
            switching_work(SOFT, STIFF, schedule, forward),
            switching_work(STIFF, SOFT, schedule, reverse),
        )
        pulls.append((estimate - exact) / error)
    assert 0.8 < np.std(pulls) < 1.25
    assert abs(np.mean(pulls)) < 4.0 / math.sqrt(len(pulls))


def test_jarzynski_average_of_an_instant_switch_is_exact() -> None:
    streams = RandomStreams("1", "forward", 50_000)
    work = switching_work(SOFT, Well(8.0, (0.05, 0.0), 0.3), Schedule(1, 1.0, 1.0, 300.0), streams)
    kt = R_KCAL * 300.0
    estimate = -kt * math.log(np.mean(np.exp(-work)))
    exact = exact_free_energy(SOFT, Well(8.0, (0.05, 0.0), 0.3), 300.0)
    assert estimate == pytest.approx(exact, abs=0.01)


def test_slow_switching_dissipates_less() -> None:
    means = []
    for n_steps in (2, 20, 200):
        streams = RandomStreams("1", "forward", 500)
        schedule = Schedule(n_steps, 0.5, 0.01, 300.0)
        means.append(float(np.mean(switching_work(SOFT, STIFF, schedule, streams))))
    exact = exact_free_energy(SOFT, STIFF, 300.0) / (R_KCAL * 300.0)
    assert means[0] > means[1] > means[2] > exact


def test_random_streams_are_uniform_and_normal() -> None:
    streams = RandomStreams("uniform", "forward", 20_000)
    uniform = streams.uniform()
    assert 0.0 <= uniform.min() and uniform.max() < 1.0
    assert uniform.mean() == pytest.approx(0.5, abs=0.01)
    normals = np.concatenate([streams.normal() for _ in range(4)])
    assert normals.mean() == pytest.approx(0.0, abs=0.02)
    assert normals.std() == pytest.approx(1.0, abs=0.02)


def test_bar_says_when_there_is_no_overlap() -> None:
    with pytest.raises(OverlapError, match="overlap"):
        bar([4000.0, 9000.0], [5000.0, 8000.0])
    with pytest.raises(OverlapError, match="both directions"):
        bar([], [1.0])
    with pytest.raises(OverlapError, match="finite"):
        bar([math.nan], [1.0])


def test_gathers_repeats_and_extensions(tmp_path: Path) -> None:
    transformation = edge()
    first = run(transformation, tmp_path)
    results = [first, run(transformation, tmp_path), run(transformation, tmp_path, first)]
    protocol = transformation.protocol
    gathered = protocol.gather(results)
    assert gathered.n_protocol_dag_results == 3
    assert len(gathered.forward_work) == len(gathered.reverse_work) == 300
    exact = protocol.exact_free_energy(transformation.stateA, transformation.stateB)
    error = gathered.get_uncertainty().m_as("kilocalorie_per_mole")
    assert 0.0 < error < 0.1
    difference = (gathered.get_estimate() - exact).m_as("kilocalorie_per_mole")
    assert abs(difference) < 5 * error
    assert len(gathered.get_individual_estimates()) == 3
    # the order of results must not matter, nor what Python remembers of them
    assert protocol.gather(results[::-1]).key == gathered.key
    text = gathered.to_json()
    TOKENIZABLE_REGISTRY.pop(gathered.key)
    assert GufeTokenizable.from_json(content=text).key == gathered.key


def test_equal_seeds_count_once(tmp_path: Path) -> None:
    transformation = edge(seed=7)
    first, second = run(transformation, tmp_path), run(transformation, tmp_path)
    extension = run(transformation, tmp_path, first)
    gathered = transformation.protocol.gather([first, second, extension])
    assert [r["seed"] for r in gathered.data["repeats"]] == ["7", "7.1"]
    further = run(transformation, tmp_path, extension)
    assert transformation.protocol.gather([further]).data["repeats"][0]["seed"] == "7.2"


@pytest.mark.parametrize("unit", ["setup", "forward", "reverse", "analysis"])
def test_units_fail_on_demand(tmp_path: Path, unit: str) -> None:
    transformation = edge(failure_settings__fail_unit=unit)
    result = run(transformation, tmp_path)
    assert not result.ok()
    failures = result.protocol_unit_failures
    assert [f.name for f in failures] == [unit, unit]
    assert failures[0].exception[0] == InjectedFailure.__qualname__
    gathered = transformation.protocol.gather([result])
    assert gathered.get_estimate() is None
    assert gathered.get_uncertainty() is None


def test_failures_may_be_rare(tmp_path: Path) -> None:
    transformation = edge(
        failure_settings__fail_unit="setup", failure_settings__failure_probability=0.0
    )
    assert run(transformation, tmp_path).ok()


def test_unfit_input_makes_no_dag() -> None:
    good = system("a", 5, [0.0])
    protocol = HarmonicSwitchingProtocol(HarmonicSwitchingProtocol.default_settings())
    water = ChemicalSystem({"solvent": SolventComponent()})
    for other, message in [
        (system("b", 5, [0.0, 0.0]), "dimensions"),
        (water, "SolventComponent"),
        (ChemicalSystem({}), "nothing"),
    ]:
        with pytest.raises(ProtocolValidationError, match=message):
            protocol.create(stateA=good, stateB=other, mapping=None)
    settings = HarmonicSwitchingProtocol.default_settings()
    settings.thermo_settings.temperature = None
    with pytest.raises(ProtocolValidationError, match="temperature"):
        HarmonicSwitchingProtocol(settings).create(stateA=good, stateB=good, mapping=None)


@pytest.mark.parametrize("k", [0.0, -1.0, math.nan, math.inf])
def test_a_well_must_be_a_well(k: float) -> None:
    with pytest.raises(ValueError, match="force_constant"):
        HarmonicWellComponent(name="x", force_constant=k)


def test_settings_refuse_nonsense() -> None:
    settings = HarmonicSwitchingProtocol.default_settings().model_dump()
    settings["switching_settings"]["n_steps"] = 0
    with pytest.raises(ValueError, match="n_steps"):
        HarmonicSwitchingSettings(**settings)


def test_units_of_the_user_make_no_other_key() -> None:
    plain = HarmonicWellComponent(name="x", force_constant=20, center=[0.25], offset=-1)
    spelled = HarmonicWellComponent(
        name="x",
        force_constant=Quantity(83.68, "kilojoule / mole / nanometer ** 2"),
        center=[Quantity(2.5, "angstrom")],
        offset="-1 kilocalorie_per_mole",
    )
    assert plain.key == spelled.key


@made_by_this_gufe
def test_goldens_are_read_back_under_their_keys() -> None:
    index = json.loads((GOLDENS / "index.json").read_text())
    assert len(index) == 14
    for name, entry in index.items():
        TOKENIZABLE_REGISTRY.clear()
        text = (GOLDENS / name).read_text()
        obj = GufeTokenizable.from_json(content=text)
        assert obj.key == entry["key"], name
        assert type(obj).__qualname__ == entry["qualname"]
        assert [key for key, _ in json.loads(text)] == [e["key"] for e in entry["chain"]]


@made_by_this_gufe
def test_goldens_are_gathered_to_the_numbers_written() -> None:
    numbers = json.loads((GOLDENS / "numbers.json").read_text())["gathered"]
    results = [ProtocolDAGResult.from_json(GOLDENS / file) for file in numbers["files"]]
    protocol = GufeTokenizable.from_json(GOLDENS / "protocol-seeded.json")
    gathered = protocol.gather(results)
    assert gathered.get_estimate().m == pytest.approx(numbers["estimate"], rel=1e-12)
    assert gathered.get_uncertainty().m == pytest.approx(numbers["uncertainty"], rel=1e-9)


@made_by_this_gufe
def test_the_network_of_the_quickstart_has_cycles() -> None:
    network = AlchemicalNetwork.from_json(ROOT.parent / "examples" / "harmonic-network.json")
    assert len(network.nodes) >= 8
    assert len(network.edges) >= max(12, len(network.nodes))
    assert all(node.name for node in network.nodes)
    assert len({e.name for e in network.edges}) == len(network.edges)
    for e in network.edges:
        assert math.isfinite(e.protocol.exact_free_energy(e.stateA, e.stateB).m)


@made_by_this_gufe
def test_goldens_are_what_the_script_writes(tmp_path: Path) -> None:
    script = tmp_path / "make_goldens.py"
    script.write_text((ROOT / "make_goldens.py").read_text())
    subprocess.run([sys.executable, str(script)], check=True, capture_output=True)
    for file in GOLDENS.glob("*.json"):
        if file.name not in ("dag-result-failed.json", "numbers.json"):  # line numbers, last digits
            assert (tmp_path / "goldens" / file.name).read_text() == file.read_text(), file.name
