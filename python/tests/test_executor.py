"""The executor, over its pipes."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import zstandard
from conftest import Executor, task_request, transformation, unit_request
from gufe.protocols import ProtocolDAG, ProtocolDAGResult, ProtocolUnitFailure, ProtocolUnitResult
from gufe.protocols.protocoldag import execute_DAG
from gufe.tests.test_protocol import BrokenProtocol, DummyProtocol
from misbehaving import MisbehavingProtocol, MisbehavingSettings


def misbehaving(deed: str, where: str = "") -> MisbehavingProtocol:
    return MisbehavingProtocol(MisbehavingSettings(deed=deed, where=where))


def dummy(n_repeats: int = 3) -> DummyProtocol:
    settings = DummyProtocol.default_settings()
    settings.n_repeats = n_repeats
    return DummyProtocol(settings)


def result_of(reply: dict[str, Any]) -> ProtocolDAGResult:
    assert reply["reply"] == "result", reply
    data = Path(reply["file"]).read_bytes()
    if reply["file"].endswith(".zst"):
        assert zstandard.frame_content_size(data) > 0
        data = zstandard.decompress(data)
    result = ProtocolDAGResult.from_json(content=data.decode())
    assert result.key == reply["result_key"]
    assert result.ok() == reply["ok"]
    return result


def results_in_order(chain: list[Any]) -> list[dict[str, Any]]:
    """The unit results of a keyed chain as they are listed; gufe sorts them when it reads them."""
    entries = dict(chain)
    listed = chain[-1][1]["protocol_unit_results"]
    return [entries[reference[":gufe-key:"]] for reference in listed]


def chain_of(reply: dict[str, Any]) -> list[Any]:
    return json.loads(zstandard.decompress(Path(reply["file"]).read_bytes()))


def test_hello_says_the_versions(warm_executor: Executor) -> None:
    _, reply = warm_executor.ask(id="a", request="hello")
    assert reply["wire"] == 2
    assert reply["gufe"].count(".") >= 2
    assert reply["pid"] != warm_executor.process.pid  # that is the guard above it


def test_can_run_tells_protocols_from_the_rest(warm_executor: Executor) -> None:
    classes = [
        ["gufe.tests.test_protocol", "DummyProtocol"],
        ["nowhere.at.all", "X"],
        ["gufe.tests.test_protocol", "Missing"],
        ["gufe", "ChemicalSystem"],
        ["gufe.protocols", "Protocol"],
    ]
    _, reply = warm_executor.ask(id=1, request="can_run", classes=classes)
    assert [row["runs"] for row in reply["classes"]] == [True, False, False, False, False]
    assert "nowhere" in reply["classes"][1]["reason"]


def test_list_protocols_finds_what_was_asked_for(warm_executor: Executor) -> None:
    _, reply = warm_executor.ask(
        id=1, request="list_protocols", modules=["gufe.tests.test_protocol", "nowhere"]
    )
    rows = {(row["module"], row["qualname"]) for row in reply["protocols"]}
    assert ("gufe.tests.test_protocol", "BrokenProtocol") in rows
    assert ("alchemiscale_harmonic", "HarmonicSwitchingProtocol") in rows
    assert list(reply["not_imported"]) == ["nowhere"]


def test_list_protocols_finds_what_lies_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory = tmp_path / "lab"
    package = laboratory / "my_lab" / "methods"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "found.py").write_text(
        "from gufe.tests.test_protocol import DummyProtocol\n"
        "class FoundProtocol(DummyProtocol): pass\n"
    )
    (package / "ends.py").write_text(
        "import gufe\nclass A(gufe.Protocol): pass\nraise SystemExit(3)\n"
    )
    (laboratory / "script.py").write_text(f"import gufe\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.setenv("PYTHONPATH", str(laboratory))
    executor = Executor(tmp_path)
    try:
        _, reply = executor.ask(id=1, request="list_protocols")
    finally:
        executor.close()
    rows = {(row["module"], row["qualname"]) for row in reply["protocols"]}
    assert ("my_lab.methods.found", "FoundProtocol") in rows
    assert ("gufe.tests.test_protocol", "DummyProtocol") in rows
    assert reply["not_imported"] == {}
    assert not (tmp_path / "ran").exists()


def test_runs_a_dag_with_every_step_on_disk(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(dummy())
    events, reply = warm_executor.run(**task_request(tmp_path, edge))
    result = result_of(reply)
    assert result.ok()
    assert result.name == "Task-0-org-campaign-project"
    assert result.transformation_key == edge.key
    assert result.extends_key is None

    created = events[0]
    assert created["reply"] == "prepared"
    dag = ProtocolDAG.from_json(tmp_path / "out" / "dag.json")
    assert dag.key == created["dag_key"] == reply["dag_key"]
    assert [u["key"] for u in created["units"]] == [u.key for u in dag.protocol_units]
    kinds = [e["event"] for e in events[1:]]
    assert kinds == ["attempt_started", "attempt_finished"] * 5
    finished = [e for e in events if e.get("event") == "attempt_finished"]
    for event, unit in zip(finished, dag.protocol_units, strict=True):
        assert event["unit"] == unit.key
        on_disk = ProtocolUnitResult.from_json(Path(event["file"]))
        assert on_disk.key == event["result_key"]
    assert {r.key for r in result.protocol_unit_results} == {e["result_key"] for e in finished}
    assert not any(Path(created["scratch"]).iterdir())


def test_reads_deep_dicts_and_zstd(warm_executor: Executor, tmp_path: Path) -> None:
    from gufe.tokenization import JSON_HANDLER

    edge = transformation(dummy(1))
    deep = json.dumps(edge.to_dict(), cls=JSON_HANDLER.encoder)
    request = task_request(tmp_path, deep, compress=False)
    _, reply = warm_executor.run(**request)
    assert result_of(reply).transformation_key == edge.key
    assert reply["file"].endswith("result.json")

    # a stream does not know its size beforehand
    compressor = zstandard.ZstdCompressor().compressobj()
    data = compressor.compress(edge.to_json().encode()) + compressor.flush()
    Path(request["transformation"]).write_bytes(data)
    _, reply = warm_executor.run(**{**request, "output_dir": tmp_path / "second"})
    assert result_of(reply).ok()


def test_extends_a_result(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(dummy(1))
    _, first = warm_executor.run(**task_request(tmp_path, edge))
    request = task_request(tmp_path, edge, extends=first["file"], output_dir=tmp_path / "two")
    _, second = warm_executor.run(**request)
    assert result_of(second).extends_key == first["result_key"]


def test_unit_failures_are_results(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(BrokenProtocol(BrokenProtocol.default_settings()))
    events, reply = warm_executor.run(**task_request(tmp_path, edge, n_retries=2))
    result = result_of(reply)
    assert not result.ok()
    failures = reply["failures"]
    assert [f["attempt"] for f in sorted(failures, key=lambda f: f["attempt"])] == [0, 1, 2]
    assert failures[0]["name"] == "problem child"
    assert failures[0]["exception"] == "ValueError: I have failed my mission"
    failed = [e for e in events if e.get("ok") is False]
    assert [e["attempt"] for e in failed] == [0, 1, 2]
    assert isinstance(ProtocolUnitFailure.from_json(Path(failed[2]["file"])), ProtocolUnitFailure)


def test_a_retry_may_succeed(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(misbehaving("fail twice"))
    _, reply = warm_executor.run(**task_request(tmp_path, edge, n_retries=2))
    assert result_of(reply).ok()
    assert len(reply["failures"]) == 2
    assert reply["n_unit_results"] == 5


def test_keeps_directories_when_asked(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(misbehaving("nothing"))
    request = task_request(tmp_path, edge, keep_shared=True, keep_scratch=True)
    events, _ = warm_executor.run(**request)
    assert len(list(Path(events[0]["shared"]).glob("*/kept"))) == 2
    assert len(list(Path(events[0]["scratch"]).iterdir())) == 3


@pytest.mark.parametrize(
    ("deed", "exception"),
    [
        ("sys.exit", "SystemExit: 'enough'"),
        ("odd outputs", "TypeError: "),
        ("odd arguments", "ValueError: 'odd'"),
    ],
)
def test_what_gufe_would_choke_on_is_a_failure(
    warm_executor: Executor, tmp_path: Path, deed: str, exception: str
) -> None:
    edge = transformation(misbehaving(deed))
    _, reply = warm_executor.run(**task_request(tmp_path, edge))
    assert not result_of(reply).ok()
    assert reply["n_unit_results"] == 2
    assert reply["failures"][0]["exception"].startswith(exception)


def test_a_unit_that_moves_its_scratch_away_loses_nothing(
    warm_executor: Executor, tmp_path: Path
) -> None:
    edge = transformation(misbehaving("scratch"))
    _, reply = warm_executor.run(**task_request(tmp_path, edge))
    assert result_of(reply).ok()


def test_each_task_starts_where_the_first_did(warm_executor: Executor, tmp_path: Path) -> None:
    for deed in ("chdir", "nothing"):
        edge = transformation(misbehaving(deed))
        request = task_request(tmp_path, edge, output_dir=tmp_path / deed)
        _, reply = warm_executor.run(**request)
        assert result_of(reply).ok()


def test_errors_say_their_kind(warm_executor: Executor, tmp_path: Path) -> None:
    good = transformation(dummy(1))
    request = task_request(tmp_path, good)

    def kind_of(text: str | None = None, **fields: Any) -> str:
        if text is not None:
            Path(request["transformation"]).write_text(text)
        _, reply = warm_executor.run(**{**request, "output_dir": tmp_path / "none", **fields})
        assert reply["reply"] == "error", reply
        assert reply["message"]
        assert "Error" in reply["traceback"]
        assert not (tmp_path / "none" / "dag.json").exists()
        return reply["kind"]

    chain = good.to_json()
    assert kind_of(chain[:-10]) == "unreadable_input"
    assert kind_of("[]") == "unreadable_input"
    assert kind_of('{"a": 1}') == "unreadable_input"
    assert kind_of(chain.replace('"stateA"', '"stateC"')) == "unreadable_input"
    assert kind_of(chain.replace("gufe.tests.test_protocol", "gone")) == "class_unavailable"
    assert kind_of(chain.replace("DummyProtocol", "GoneProtocol")) == "class_unavailable"
    assert kind_of(good.stateA.to_json()) == "wrong_type"
    assert kind_of(transformation(misbehaving("no dag")).to_json()) == "create_failed"
    assert kind_of(chain, extends=request["transformation"]) == "wrong_type"
    assert kind_of(extends=tmp_path / "missing") == "unreadable_input"
    assert kind_of(n_retries="many") == "bad_request"
    assert kind_of(n_retries=True) == "bad_request"
    assert kind_of(task=None) == "bad_request"
    assert kind_of(transformation="relative") == "bad_request"
    assert kind_of(request="dance") == "bad_request"
    assert kind_of(shared_basedir=request["transformation"]) == "io_error"


def test_a_line_that_is_not_json_is_answered(warm_executor: Executor) -> None:
    warm_executor.requests.write(b"this is no JSON\n\n[1]\n")
    for _ in range(2):
        line = warm_executor.line()
        assert line is not None
        assert line["id"] is None
        assert line["kind"] == "bad_request"
    _, reply = warm_executor.ask(id=5, request="hello")
    assert reply["reply"] == "hello"


def test_an_interrupt_is_no_result(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(misbehaving("interrupt"))
    _, reply = warm_executor.run(**task_request(tmp_path, edge))
    assert reply["kind"] == "interrupted"
    _, reply = warm_executor.ask(id=5, request="hello")
    assert reply["reply"] == "hello"


def _until_started(executor: Executor, request: dict[str, Any], name: str) -> dict[str, Any]:
    """Run a Task up to the first attempt of the unit called so; the reply to ``prepare``."""
    _, prepared = executor.ask(**request)
    for unit in prepared["units"]:
        of_unit = unit_request(request, prepared, unit["key"])
        if unit["name"] == name:
            executor.send(**of_unit)
            line = executor.line()
            assert line is not None
            assert line["event"] == "attempt_started"
            return prepared | {"started": line}
        _, done = executor.ask(**of_unit)
        assert done["ok"]
    raise AssertionError(f"no unit {name}")


def _last_line(executor: Executor) -> dict[str, Any]:
    last: dict[str, Any] = {}
    while (line := executor.line()) is not None:
        last = line
    return last


@pytest.mark.parametrize(
    ("deed", "exit_code", "number"), [("segfault", None, "SIGSEGV"), ("exit", 3, None)]
)
def test_a_crash_becomes_a_failure_of_the_unit_that_ran(
    executor: Executor, tmp_path: Path, deed: str, exit_code: int | None, number: str | None
) -> None:
    edge = transformation(misbehaving(deed))
    prepared = _until_started(executor, task_request(tmp_path, edge), "bad")
    ended = _last_line(executor)
    assert ended["event"] == "ended"
    assert (ended["exit_code"], ended["signal"], ended["reason"]) == (exit_code, number, None)
    executor.process.wait(timeout=10)

    fresh = Executor(tmp_path)
    try:
        _, failed = fresh.ask(
            id=2,
            request="fail_unit",
            output_dir=tmp_path / "out",
            unit=prepared["started"]["unit"],
            attempt=0,
            started=prepared["started"]["time"],
            exception="InterpreterCrash",
            message="it fell",
        )
        assert (failed["reply"], failed["ok"], failed["attempts"]) == ("unit", False, 1)
        _, reply = fresh.ask(id=3, request="assemble", output_dir=tmp_path / "out")
    finally:
        fresh.close()
    result = result_of(reply)
    assert reply["dag_key"] == prepared["dag_key"]
    assert [r.name for r in result.protocol_unit_results] == ["good", "bad"]
    failure = result.protocol_unit_failures[0]
    assert failure.exception == ["InterpreterCrash", ["it fell"]]
    assert failure.inputs["good"].outputs == {"good": True}
    assert isinstance(failure.start_time, datetime.datetime)
    assert failure.start_time <= failure.end_time
    assert result.transformation_key == edge.key
    if deed == "segfault":
        assert "about to fall" in failure.traceback
        assert "Segmentation fault" in failure.traceback


def test_no_dag_no_failure(warm_executor: Executor, tmp_path: Path) -> None:
    request = {"id": 2, "output_dir": tmp_path / "out", "unit": "A-1"}
    _, reply = warm_executor.ask(request="fail_unit", exception="E", message="m", **request)
    assert reply["kind"] == "unreadable_input"
    _, reply = warm_executor.ask(request="assemble", **request)
    assert reply["kind"] == "unreadable_input"


@pytest.mark.parametrize("protocol", ["dummy", "broken", "fail twice"])
def test_the_result_is_what_gufe_makes_of_the_same_dag(
    warm_executor: Executor, tmp_path: Path, protocol: str
) -> None:
    made = {
        "dummy": dummy(),
        "broken": BrokenProtocol(BrokenProtocol.default_settings()),
        "fail twice": misbehaving("fail twice"),
    }
    request = task_request(tmp_path, transformation(made[protocol]), n_retries=2)
    _, reply = warm_executor.run(**request)
    assert result_of(reply)
    dag = ProtocolDAG.from_json(tmp_path / "out" / "dag.json")
    for name in ("gufe-shared", "gufe-scratch"):
        (tmp_path / name).mkdir()
    theirs = execute_DAG(
        dag,
        shared_basedir=tmp_path / "gufe-shared",
        scratch_basedir=tmp_path / "gufe-scratch",
        raise_error=False,
        n_retries=2,
    )

    def comparable(chain: list[Any]) -> Any:
        """All that two runs of one DAG have in common."""
        results = results_in_order(chain)
        known = {r["_key"]: f"result {i}" for i, r in enumerate(results)}
        rows = []
        for entry in results:
            row = {k: v for k, v in entry.items() if k not in ("start_time", "end_time")}
            row["traceback"] = str(row.get("traceback")).splitlines()[-1]
            row["types"] = [type(row.get(k)).__name__ for k in ("start_time", "exception")]
            rows.append(row)
        text = json.dumps([list(r) for r in results]) + json.dumps(rows)
        root = {k: v for k, v in chain[-1][1].items() if k != "protocol_unit_results"}
        for key, name in known.items():
            text = text.replace(key, name)
        text = re.sub(r'/[^ "]*/(gufe-)?(shared|scratch)/(ProtocolDAG-[0-9a-f]+/)?', "", text)
        # numbers that units of gufe's DummyProtocol draw at random
        return root, re.sub(r"0\.\d{5,}", "a number", text)

    assert comparable(chain_of(reply)) == comparable(json.loads(theirs.to_json()))


def test_units_of_one_dag_run_at_once_in_two_interpreters(
    warm_executor: Executor, executor: Executor, tmp_path: Path
) -> None:
    request = task_request(tmp_path, transformation(dummy(2)))
    _, prepared = warm_executor.ask(**request)
    done: set[str] = set()
    while len(done) < len(prepared["units"]):
        ready = [
            u["key"]
            for u in prepared["units"]
            if u["key"] not in done and done.issuperset(u["dependencies"])
        ][:2]
        # both are sent before any is waited for; the later one in gufe's order may be done first
        pairs = list(zip((executor, warm_executor), ready, strict=False))
        for process, unit in pairs:
            process.send(**unit_request(request, prepared, unit))
        for process, unit in pairs:
            while (line := process.line()) is not None and "reply" not in line:
                pass
            assert line is not None
            assert line["ok"]
            done.add(unit)
    _, reply = warm_executor.ask(id=3, request="assemble", output_dir=tmp_path / "out")
    result = result_of(reply)
    assert result.ok()
    order = [u["key"] for u in prepared["units"]]
    assert [r["source_key"] for r in results_in_order(chain_of(reply))] == order


def test_a_dag_is_gone_on_with_where_it_was_left(executor: Executor, tmp_path: Path) -> None:
    request = task_request(tmp_path, transformation(misbehaving("nothing")))
    _, prepared = executor.ask(**request)
    first = unit_request(request, prepared, prepared["units"][0]["key"])
    _, done = executor.ask(**first)
    assert done["ok"]

    fresh = Executor(tmp_path)
    try:
        _, again = fresh.ask(**request)
        assert again["kind"] == "bad_request"
        _, again = fresh.ask(**request, resume=True)
        assert again["dag_key"] == prepared["dag_key"]
        assert [(row["unit"], row["ok"]) for row in again["finished"]] == [(first["unit"], True)]
        for unit in again["units"][1:]:
            assert fresh.ask(**unit_request(request, again, unit["key"]))[1]["ok"]
        _, reply = fresh.ask(id=3, request="assemble", output_dir=tmp_path / "out")
    finally:
        fresh.close()
    assert result_of(reply).ok()
    assert reply["n_unit_results"] == 3


def test_each_attempt_has_its_provenance_and_its_output(
    warm_executor: Executor, tmp_path: Path
) -> None:
    edge = transformation(misbehaving("nothing"))
    lines, reply = warm_executor.run(**task_request(tmp_path, edge))
    assert result_of(reply).ok()
    about = json.loads(next((tmp_path / "out" / "units").glob("0000-*.provenance")).read_text())
    assert about["ok"]
    assert about["seconds"] >= 0
    assert about["cpu_seconds"] >= 0
    assert about["peak_memory_bytes"] > 10_000_000
    assert about["unit"] == lines[1]["unit"]
    output = next((tmp_path / "out" / "logs").glob("0000-*.stdout")).read_text()
    assert output == "a Protocol may write to stdout\n"


def _is_running(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def _pid_in(marker: Path) -> int:
    while not (marker.exists() and marker.read_text().endswith("\n")):
        time.sleep(0.01)
    return int(marker.read_text())


@pytest.mark.parametrize("end", ["requests", "life"])
@pytest.mark.parametrize("deed", ["sleep", "daemon"])
def test_the_end_of_the_service_ends_a_running_task_and_all_it_has_started(
    executor: Executor, tmp_path: Path, deed: str, end: str
) -> None:
    marker = tmp_path / "pid"
    edge = transformation(misbehaving(deed, str(marker)))
    _until_started(executor, task_request(tmp_path, edge), "bad")
    pid = _pid_in(marker)
    assert _is_running(pid)
    (executor.requests if end == "requests" else executor.life).close()
    ended = _last_line(executor)
    assert ended["reason"] == (None if end == "requests" else "killed")
    assert executor.process.wait(timeout=10) != 0
    assert not _is_running(pid)


def test_a_crash_takes_along_what_was_started(executor: Executor, tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    edge = transformation(misbehaving("daemon and segfault", str(marker)))
    _until_started(executor, task_request(tmp_path, edge), "bad")
    assert _last_line(executor)["signal"] == "SIGSEGV"
    assert not _is_running(_pid_in(marker))


def test_what_a_unit_leaves_running_is_told(executor: Executor, tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    request = task_request(tmp_path, transformation(misbehaving("leave daemon", str(marker))))
    _, prepared = executor.ask(**request)
    told = [
        executor.ask(**unit_request(request, prepared, unit["key"]))[1]["leftovers"]
        for unit in prepared["units"][:2]
    ]
    assert told == [0, 1]
    pid = _pid_in(marker)
    executor.requests.close()
    assert executor.process.wait(timeout=10) == 0
    assert not _is_running(pid)


@pytest.mark.parametrize("deed", ["eat memory", "children eat memory"])
def test_who_eats_more_memory_than_allowed_is_ended(
    executor: Executor, tmp_path: Path, deed: str
) -> None:
    edge = transformation(misbehaving(deed))
    limit = 600 * 1024 * 1024
    _until_started(executor, task_request(tmp_path, edge, memory_limit=limit), "bad")
    ended = _last_line(executor)
    assert ended["reason"] == "memory_limit"
    assert ended["used"] > limit


def test_endless_output_fills_no_disk(executor: Executor, tmp_path: Path) -> None:
    edge = transformation(misbehaving("chatter"))
    limit = 1024 * 1024
    lines, reply = executor.run(**task_request(tmp_path, edge, output_limit=limit))
    assert result_of(reply).ok()
    output = next((tmp_path / "out" / "logs").glob("0001-*.stdout"))
    assert limit <= output.stat().st_size < 50 * limit


def test_ends_quietly_when_idle(executor: Executor) -> None:
    _, reply = executor.ask(id=1, request="hello")
    assert reply["reply"] == "hello"
    executor.requests.close()
    assert executor.process.wait(timeout=10) == 0
    assert _last_line(executor) == {
        "event": "ended",
        "reason": None,
        "exit_code": 0,
        "signal": None,
    }


def test_runs_without_a_guard(tmp_path: Path) -> None:
    executor = Executor(tmp_path, guarded=False)
    try:
        _, reply = executor.run(**task_request(tmp_path, transformation(dummy(1))))
    finally:
        executor.close()
    assert result_of(reply).ok()
