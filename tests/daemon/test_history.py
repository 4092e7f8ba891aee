"""The history: bounded, private, whole lines, no text, off where it is switched off."""

import json
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...daemon import history as module
from ...daemon.engine.records import Result, Times
from ...daemon.history import NAME, OLDER, Completed, History, append, completed_of, engine_of, read
from ...daemon.jobs import Job
from ...daemon.protocol import Complete, Feedback, Warm
from ...daemon.settings import load_settings, state_dir
from ..harness.home import Home, ask, eventually

FACTS = {
    "pair": "mini",
    "device": "cpu",
    "target": {"dtype": "bfloat16"},
    "draft": {"dtype": "float32"},
    "pacer": {"saved_all": [12.34, 10.0, 15.0]},
}
CANARY = "s3cret_canary"


def job(**fields: object) -> Job:
    """A completion asked for with the canary everywhere."""
    request = Complete(CANARY, CANARY, suffix=CANARY, document=CANARY, repository=CANARY, **fields)  # type: ignore[arg-type]
    return Job(b"c", 1, request)


def result(text: str = CANARY, passes: int = 3) -> Result:
    return Result(
        text=text,
        finish="line",
        drafted=8,
        tested=6,
        accepted=5,
        emitted=8,
        passes=passes,
        reused=90,
        computed=10,
        ms=Times(prompt=2.0, first=3.0, total=9.0, draft=1.5, verify=4.5, host=-0.001),
        by_position=((3, 3), (3, 2)),
        saved_ms=(4.0, 3.0, 5.0),
    )


def test_a_completion_comes_back_with_its_counts_and_without_its_text(tmp_path: Path) -> None:
    kept = History(tmp_path)
    kept.loaded()
    kept.completed(job(), result(), FACTS)
    kept.told(Feedback("accepted", characters=7, again=True))
    kept.flush()
    found = read(tmp_path)
    line = found.completed[0]
    assert (line.engine, line.priority, line.finish) == ("mini · cpu · bfloat16+float32", "visible", "line")
    assert (line.drafted, line.tested, line.accepted, line.emitted, line.passes) == (8, 6, 5, 8, 3)
    assert (line.prompt, line.draft, line.verify, line.host) == (2.0, 1.5, 4.5, 0.0)
    assert line.first is not None
    assert line.first >= 3.0
    assert line.positions == ((3, 3), (3, 2))
    assert (line.saved, line.saved_run) == ((4.0, 3.0, 5.0), (12.34, 10.0, 15.0))
    assert line.run <= line.at
    assert [(told.action, told.characters, told.again) for told in found.told] == [("accepted", 7, 1)]
    assert CANARY not in (tmp_path / NAME).read_text()


def test_an_empty_completion_has_no_first_text() -> None:
    assert completed_of(job(), result(text=""), FACTS, 0.0).first is None


def test_what_is_no_completion_is_not_noted(tmp_path: Path) -> None:
    kept = History(tmp_path)
    kept.completed(Job(b"c", 1, Warm("a.py", "x")), result(), FACTS)
    kept.completed(job(), result(passes=0), FACTS)
    kept.told(Feedback("answered", ms=5.0))
    kept.flush()
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_tells_little_has_a_name() -> None:
    assert engine_of({"pair": "fake", "device": "none"}) == "fake · none"
    assert engine_of({}) == ""


def test_lines_wait_for_a_quiet_moment_but_not_for_ever(tmp_path: Path) -> None:
    kept = History(tmp_path)
    for _ in range(module.GATHERED - 1):
        kept.told(Feedback("shown", characters=1))
    kept.flush(busy=True)
    assert read(tmp_path).told == ()
    kept.told(Feedback("shown", characters=1))
    kept.flush(busy=True)
    assert len(read(tmp_path).told) == module.GATHERED


def test_files_are_private_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 2000)
    kept = History(tmp_path)
    for number in range(200):
        kept.told(Feedback("shown", characters=number))
        kept.flush()
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("*.jsonl")}
    assert set(sizes) == {NAME, OLDER}
    assert max(sizes.values()) <= 2000
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    seen = [told.characters for told in read(tmp_path).told]
    assert seen == list(range(200 - len(seen), 200))
    assert len(seen) > 20


def test_a_file_open_to_others_is_not_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / NAME).touch(mode=0o644)
    (tmp_path / NAME).chmod(0o644)
    kept = History(tmp_path)
    kept.told(Feedback("shown"))
    with caplog.at_level(logging.WARNING):
        kept.flush()
    assert "no history is kept from now on" in caplog.text
    kept.told(Feedback("shown"))
    kept.flush()
    assert (tmp_path / NAME).read_text() == ""


@given(st.binary(max_size=200))
def test_damage_is_counted_and_harms_no_other_line(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    folder = tmp_path_factory.mktemp("history")
    append(folder, '{"at":1.0,"action":"shown"}\n')
    with (folder / NAME).open("ab") as file:
        file.write(junk + b"\n")
    append(folder, '{"at":2.0,"action":"shown"}\n')
    found = read(folder)
    assert [told.at for told in found.told] == [1.0, 2.0]
    assert found.damaged == len((junk + b"\n").splitlines())


def test_no_history_is_an_empty_one(tmp_path: Path) -> None:
    assert read(tmp_path / "nowhere") == module.Kept()


def test_the_daemon_keeps_one(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(home.folder / "state"))
    with home.connect() as client:
        client.complete(ask(tokens=4))
        client.feedback(Feedback("shown", characters=3))
        eventually(lambda: len(read(state_dir()).told) == 1, "the feedback is written")
        line = read(state_dir()).completed[0]
    assert isinstance(line, Completed)
    assert (line.engine, line.emitted, line.positions) == ("fake · none", 4, ((4, 2),))


def test_the_daemon_keeps_none_where_it_is_switched_off(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(home.folder / "state"))
    monkeypatch.setenv("PACELINE_HISTORY", "false")
    assert load_settings().history is False
    with home.connect() as client:
        client.complete(ask(tokens=4))
        client.stop()
    eventually(lambda: not home.places().connection.exists(), "the daemon ended")
    assert not (state_dir() / NAME).exists()


def test_no_line_holds_a_name_of_a_field_for_text() -> None:
    text = json.dumps([list(Completed.__dataclass_fields__), list(module.Told.__dataclass_fields__)])
    assert not any(word in text for word in ("prefix", "suffix", "path", "document", "text", "language"))
