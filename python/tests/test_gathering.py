"""The executor gathers results and asks strategies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("stratocaster")

from conftest import PACKAGE_ROOT, Executor  # noqa: E402
from gufe.protocols import ProtocolDAGResult  # noqa: E402
from gufe.tests.test_protocol import DummyProtocol  # noqa: E402
from gufe.tokenization import GufeTokenizable  # noqa: E402
from laboratory import LabProtocol, LabResult, LabSettings, LabStrategy  # noqa: E402
from stratocaster.strategies.connectivity import ConnectivityStrategy  # noqa: E402
from stratocaster.tests.test_strategy_base import DummyStrategy, DummyStrategySettings  # noqa: E402


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("laboratory")
    subprocess.run(
        [sys.executable, str(PACKAGE_ROOT / "tests" / "laboratory.py"), str(directory)],
        check=True,
        capture_output=True,
        cwd=directory,
    )
    return directory


def gather_request(laboratory: Path, directory: Path, **changes: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "request": "gather",
        "protocol": laboratory / "protocol.json",
        "results": [str(laboratory / f"result-{n}.json") for n in range(2)],
        "output": directory / "gathered.json.zst",
        **changes,
    }


def lab_protocol(directory: Path, **settings: Any) -> Path:
    file = directory / "other-protocol.json"
    file.write_text(LabProtocol(LabSettings(**settings)).to_json())
    return file


def test_gathers_what_the_protocol_gathers(
    warm_executor: Executor, laboratory: Path, tmp_path: Path
) -> None:
    _, reply = warm_executor.ask(**gather_request(laboratory, tmp_path))
    assert reply["n"] == 2
    assert reply["estimate"]["value"] == pytest.approx(6.276)
    assert reply["estimate"]["kcal_per_mol"] == pytest.approx(1.5)
    assert reply["uncertainty"]["kcal_per_mol"] == pytest.approx(1.0)
    assert reply["problems"] == []
    assert reply["leftovers"] == 0
    from alchemiscale_executor.files import read_gufe

    results = [ProtocolDAGResult.from_json(laboratory / f"result-{n}.json") for n in range(2)]
    protocol = LabProtocol.from_json(laboratory / "protocol.json")
    gathered = read_gufe(Path(reply["file"]))
    assert isinstance(gathered, LabResult)
    assert gathered.key == protocol.gather(results).key


@pytest.mark.parametrize(
    ("unit", "problem"), [("", "has no unit"), ("kelvin", "is no energy per amount of substance")]
)
def test_what_is_no_energy_is_said(
    warm_executor: Executor, laboratory: Path, tmp_path: Path, unit: str, problem: str
) -> None:
    request = gather_request(laboratory, tmp_path, protocol=lab_protocol(tmp_path, unit=unit))
    _, reply = warm_executor.ask(**request)
    assert reply["estimate"]["value"] == pytest.approx(6.276)
    assert reply["estimate"]["kcal_per_mol"] is None
    assert problem in reply["problems"][0]


def test_no_results_are_an_error_of_the_protocol_as_data(
    warm_executor: Executor, laboratory: Path, tmp_path: Path
) -> None:
    _, reply = warm_executor.ask(**gather_request(laboratory, tmp_path, results=[]))
    assert reply["estimate"] is None
    assert "ZeroDivisionError" in reply["problems"][0]


def test_a_protocol_of_gufes_own_tests_has_no_unit(warm_executor: Executor, tmp_path: Path) -> None:
    from conftest import task_request, transformation

    protocol = DummyProtocol(DummyProtocol.default_settings())
    (tmp_path / "protocol.json").write_text(protocol.to_json())
    _, result = warm_executor.run(**task_request(tmp_path, transformation(protocol)))
    request = gather_request(tmp_path, tmp_path, results=[result["file"]])
    _, reply = warm_executor.ask(**request)
    assert reply["n"] == 1
    assert reply["estimate"]["value"] > 0
    assert reply["estimate"]["unit"] is None
    assert reply["uncertainty"] is None


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"results": ["relative.json"]}, "bad_request"),
        ({"results": "x"}, "bad_request"),
        ({"results": ["/nowhere/at/all"]}, "unreadable_input"),
        ({"protocol": "network.json"}, "wrong_type"),
        ({"results": ["network.json"]}, "wrong_type"),
    ],
)
def test_unfit_requests_are_errors(
    warm_executor: Executor,
    laboratory: Path,
    tmp_path: Path,
    changes: dict[str, Any],
    kind: str,
) -> None:
    network = str(laboratory / "network.json")
    swapped = {
        k: network if v == "network.json" else [network] if v == ["network.json"] else v
        for k, v in changes.items()
    }
    _, reply = warm_executor.ask(**gather_request(laboratory, tmp_path, **swapped))
    assert (reply["reply"], reply["kind"]) == ("error", kind)


def test_a_gather_that_raises_is_told(
    warm_executor: Executor, laboratory: Path, tmp_path: Path
) -> None:
    request = gather_request(laboratory, tmp_path, protocol=lab_protocol(tmp_path, deed="raise"))
    _, reply = warm_executor.ask(**request)
    assert reply["kind"] == "gather_failed"
    assert reply["message"] == "LabProtocol.gather raised RuntimeError: not on Sundays"


def test_a_gather_may_not_eat_all_memory(
    executor: Executor, laboratory: Path, tmp_path: Path
) -> None:
    protocol = lab_protocol(tmp_path, deed="eat memory")
    limit = 600 * 1024 * 1024
    executor.send(**gather_request(laboratory, tmp_path, protocol=protocol, memory_limit=limit))
    line = executor.line()
    assert line is not None and line["reason"] == "memory_limit"


def propose_request(laboratory: Path, **changes: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "request": "propose",
        "strategy": laboratory / "strategy.json",
        "network": laboratory / "network.json",
        "results": {},
        **changes,
    }


def test_strategies_see_what_was_gathered(
    warm_executor: Executor, laboratory: Path, tmp_path: Path
) -> None:
    _, gathered = warm_executor.ask(**gather_request(laboratory, tmp_path))
    edges = {e.name: e.key for e in GufeTokenizable.from_json(laboratory / "network.json").edges}
    _, reply = warm_executor.ask(**propose_request(laboratory))
    assert reply["weights"] == {edges["first"]: 1.0, edges["second"]: 1.0}
    results = {edges["first"]: gathered["file"], edges["second"]: None, "Other-1": None}
    _, reply = warm_executor.ask(**propose_request(laboratory, results=results))
    assert reply["weights"] == {edges["first"]: pytest.approx(1.0), edges["second"]: 1.0}


@pytest.mark.parametrize(
    "strategy",
    [
        ConnectivityStrategy(ConnectivityStrategy.default_settings()),
        DummyStrategy(DummyStrategySettings()),
    ],
    ids=["connectivity", "dummy"],
)
def test_runs_strategies_of_stratocaster(
    warm_executor: Executor, laboratory: Path, tmp_path: Path, strategy: Any
) -> None:
    file = tmp_path / "strategy.json"
    file.write_text(strategy.to_json())
    _, reply = warm_executor.ask(**propose_request(laboratory, strategy=file))
    network = GufeTokenizable.from_json(laboratory / "network.json")
    expected = strategy.propose(network, {edge.key: None for edge in network.edges}).weights
    assert reply["weights"] == {str(key): weight for key, weight in expected.items()}


def test_a_strategy_that_raises_is_told(
    warm_executor: Executor, laboratory: Path, tmp_path: Path
) -> None:
    file = tmp_path / "strategy.json"
    file.write_text(LabStrategy(LabStrategy._settings_cls(deed="raise")).to_json())
    _, reply = warm_executor.ask(**propose_request(laboratory, strategy=file))
    assert reply["kind"] == "propose_failed"
    assert (reply["exception"], reply["message"]) == ("RuntimeError", "not on Sundays")
    assert "laboratory.py" in reply["traceback"]
    _, reply = warm_executor.ask(
        **propose_request(laboratory, strategy=laboratory / "network.json")
    )
    assert reply["kind"] == "wrong_type"


def test_transformations_go_by_the_keys_of_the_file(
    warm_executor: Executor, laboratory: Path, tmp_path: Path
) -> None:
    _, gathered = warm_executor.ask(**gather_request(laboratory, tmp_path))
    network = GufeTokenizable.from_json(laboratory / "network.json")
    text = (laboratory / "network.json").read_text()
    results = {}
    for edge in network.edges:
        label = "Transformation-" + ("a" if edge.name == "first" else "b") * 32
        text = text.replace(str(edge.key), label)
        results[label] = gathered["file"] if edge.name == "first" else None
    (tmp_path / "labelled.json").write_text(text)
    request = propose_request(laboratory, network=tmp_path / "labelled.json", results=results)
    _, reply = warm_executor.ask(**request)
    assert set(reply["weights"]) == set(results)
