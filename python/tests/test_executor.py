"""The executor, over its pipes."""

from __future__ import annotations

import datetime
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import zstandard
from conftest import Executor, execute_request, transformation
from gufe.protocols import ProtocolDAG, ProtocolDAGResult, ProtocolUnitFailure, ProtocolUnitResult
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


def test_hello_says_the_versions(warm_executor: Executor) -> None:
    _, reply = warm_executor.ask(id="a", request="hello")
    assert reply["wire"] == 1
    assert reply["gufe"].count(".") >= 2
    assert reply["pid"] == warm_executor.process.pid


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
    events, reply = warm_executor.ask(**execute_request(tmp_path, edge))
    result = result_of(reply)
    assert result.ok()
    assert result.name == "Task-0-org-campaign-project"
    assert result.transformation_key == edge.key
    assert result.extends_key is None

    created = events[0]
    assert created["event"] == "dag_created"
    dag = ProtocolDAG.from_json(tmp_path / "out" / "dag.json")
    assert dag.key == created["dag_key"] == reply["dag_key"]
    assert [u["key"] for u in created["units"]] == [u.key for u in dag.protocol_units]
    kinds = [e["event"] for e in events[1:]]
    assert kinds == ["unit_started", "unit_finished"] * 5
    finished = [e for e in events if e["event"] == "unit_finished"]
    for event, unit in zip(finished, dag.protocol_units, strict=True):
        assert event["unit"] == unit.key
        on_disk = ProtocolUnitResult.from_json(Path(event["file"]))
        assert on_disk.key == event["result_key"]
    assert {r.key for r in result.protocol_unit_results} == {e["result_key"] for e in finished}
    assert not any((tmp_path / "shared").iterdir())
    assert not any((tmp_path / "scratch").iterdir())


def test_reads_deep_dicts_and_zstd(warm_executor: Executor, tmp_path: Path) -> None:
    from gufe.tokenization import JSON_HANDLER

    edge = transformation(dummy(1))
    deep = json.dumps(edge.to_dict(), cls=JSON_HANDLER.encoder)
    request = execute_request(tmp_path, deep, compress=False)
    _, reply = warm_executor.ask(**request)
    assert result_of(reply).transformation_key == edge.key
    assert reply["file"].endswith("result.json")

    # a stream does not know its size beforehand
    compressor = zstandard.ZstdCompressor().compressobj()
    data = compressor.compress(edge.to_json().encode()) + compressor.flush()
    Path(request["transformation"]).write_bytes(data)
    _, reply = warm_executor.ask(**{**request, "output_dir": tmp_path / "second"})
    assert result_of(reply).ok()


def test_extends_a_result(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(dummy(1))
    _, first = warm_executor.ask(**execute_request(tmp_path, edge))
    request = execute_request(tmp_path, edge, extends=first["file"], output_dir=tmp_path / "two")
    _, second = warm_executor.ask(**request)
    assert result_of(second).extends_key == first["result_key"]


def test_unit_failures_are_results(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(BrokenProtocol(BrokenProtocol.default_settings()))
    events, reply = warm_executor.ask(**execute_request(tmp_path, edge, n_retries=2))
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
    _, reply = warm_executor.ask(**execute_request(tmp_path, edge, n_retries=2))
    assert result_of(reply).ok()
    assert len(reply["failures"]) == 2
    assert reply["n_unit_results"] == 5


def test_keeps_directories_when_asked(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(misbehaving("nothing"))
    request = execute_request(tmp_path, edge, keep_shared=True, keep_scratch=True)
    events, _ = warm_executor.ask(**request)
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
    _, reply = warm_executor.ask(**execute_request(tmp_path, edge))
    assert not result_of(reply).ok()
    assert reply["n_unit_results"] == 2
    assert reply["failures"][0]["exception"].startswith(exception)


def test_a_unit_that_moves_its_scratch_away_loses_nothing(
    warm_executor: Executor, tmp_path: Path
) -> None:
    edge = transformation(misbehaving("scratch"))
    _, reply = warm_executor.ask(**execute_request(tmp_path, edge))
    assert result_of(reply).ok()
    assert not any((tmp_path / "scratch").iterdir())


def test_each_task_starts_where_the_first_did(warm_executor: Executor, tmp_path: Path) -> None:
    for deed in ("chdir", "nothing"):
        edge = transformation(misbehaving(deed))
        request = execute_request(tmp_path, edge, output_dir=tmp_path / deed)
        _, reply = warm_executor.ask(**request)
        assert result_of(reply).ok()


def test_errors_say_their_kind(warm_executor: Executor, tmp_path: Path) -> None:
    good = transformation(dummy(1))
    request = execute_request(tmp_path, good)

    def kind_of(text: str | None = None, **fields: Any) -> str:
        if text is not None:
            Path(request["transformation"]).write_text(text)
        _, reply = warm_executor.ask(**{**request, "output_dir": tmp_path / "none", **fields})
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
    _, reply = warm_executor.ask(**execute_request(tmp_path, edge))
    assert reply["kind"] == "interrupted"
    _, reply = warm_executor.ask(id=5, request="hello")
    assert reply["reply"] == "hello"


@pytest.mark.parametrize(
    ("deed", "ended", "message"),
    [
        ("segfault", {"signal": "SIGSEGV"}, "was ended by SIGSEGV"),
        ("exit", {"exit_code": 3}, "exited with code 3"),
    ],
)
def test_a_crash_becomes_a_failure_of_the_unit_that_ran(
    executor: Executor, tmp_path: Path, deed: str, ended: dict[str, Any], message: str
) -> None:
    edge = transformation(misbehaving(deed))
    executor.send(**execute_request(tmp_path, edge))
    lines = []
    while (line := executor.line()) is not None:
        lines.append(line)
    executor.process.wait()
    started = lines[-1]
    assert started["event"] == "unit_started"
    assert started["name"] == "bad"
    tail = executor.stderr_file.read_text()[-16000:]

    fresh = Executor(tmp_path)
    try:
        _, reply = fresh.ask(
            id=2,
            request="assemble_failure",
            output_dir=tmp_path / "out",
            unit=started["unit"],
            attempt=0,
            started=started["time"],
            stderr_tail=tail,
            **ended,
        )
    finally:
        fresh.close()
    result = result_of(reply)
    assert reply["dag_key"] == lines[0]["dag_key"]
    assert [r.name for r in result.protocol_unit_results] == ["good", "bad"]
    failure = result.protocol_unit_failures[0]
    assert failure.exception[0] == "InterpreterCrash"
    assert failure.exception[1] == [f"the interpreter that ran unit 'bad' {message}"]
    assert failure.inputs["good"].outputs == {"good": True}
    assert isinstance(failure.start_time, datetime.datetime)
    assert failure.start_time <= failure.end_time
    assert result.transformation_key == edge.key
    if deed == "segfault":
        assert "about to fall" in failure.traceback
        assert "Segmentation fault" in failure.traceback


def test_a_crash_between_units_blames_the_next(warm_executor: Executor, tmp_path: Path) -> None:
    edge = transformation(misbehaving("nothing"))
    events, _ = warm_executor.ask(**execute_request(tmp_path, edge))
    last = [e for e in events if e["event"] == "unit_finished"][-1]
    Path(last["file"]).unlink()
    _, reply = warm_executor.ask(
        id=2, request="assemble_failure", output_dir=tmp_path / "out", signal="SIGKILL"
    )
    result = result_of(reply)
    assert [f.name for f in result.protocol_unit_failures] == ["last"]
    assert len(result.protocol_unit_successes) == 2


def test_no_dag_no_failure(warm_executor: Executor, tmp_path: Path) -> None:
    _, reply = warm_executor.ask(
        id=2, request="assemble_failure", output_dir=tmp_path / "out", exit_code=1
    )
    assert reply["kind"] == "unreadable_input"


def _is_running(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_the_end_of_the_service_ends_a_running_task(executor: Executor, tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    edge = transformation(misbehaving("sleep", str(marker)))
    executor.send(**execute_request(tmp_path, edge))
    while (line := executor.line()) is not None and line.get("name") != "bad":
        pass
    while not marker.exists():
        time.sleep(0.01)
    executor.requests.close()
    assert executor.process.wait(timeout=10) == -signal.SIGKILL
    assert not _is_running(int(marker.read_text() or 0) or executor.process.pid)


def test_ends_quietly_when_idle(executor: Executor) -> None:
    _, reply = executor.ask(id=1, request="hello")
    assert reply["reply"] == "hello"
    executor.requests.close()
    assert executor.process.wait(timeout=10) == 0
    assert executor.line() is None


def test_what_a_protocol_prints_stays_out_of_the_lines(executor: Executor, tmp_path: Path) -> None:
    edge = transformation(misbehaving("nothing"))
    _, reply = executor.ask(**execute_request(tmp_path, edge))
    assert reply["ok"]
    assert executor.process.stdout is not None
    executor.requests.close()
    executor.process.wait(timeout=10)
    assert os.read(executor.process.stdout.fileno(), 1000).startswith(b"a Protocol may write")
