"""The verb: what it writes and where, what it measures and when, and what it says where it cannot."""

import json
import os
import time
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ....daemon.cli.app import main
from ....daemon.history import NAME, append
from ....daemon.report import making, measuring
from ....daemon.report.speed import FRESH_SECONDS, keep, path_of, recall
from ....daemon.schema import dump
from ....daemon.settings import engine_key, load_settings
from ....models.errors import MemoryPlanError
from ...harness.home import Home, ask, eventually
from ...house.test_light_imports import heavy_modules
from .html_check import Page
from .samples import SPEED, week

FIELDS = {
    *("version", "made", "engine", "history", "completions", "others", "damaged", "since", "until", "live"),
    *("guessing", "parts", "first", "savings", "reuse", "editors", "speed", "speed_missing"),
    "drafts",
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state directory of a user, without anything in it, and no daemon of theirs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("PACELINE_RUNTIME_DIR", str(tmp_path / "run"))
    folder = tmp_path / "paceline"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def used(state: Path) -> Path:
    """The same after a week of use."""
    append(state, "".join(json.dumps(dump(line, "")) + "\n" for line in week()))
    return state


def test_the_page_is_written_for_this_user_alone(used: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--no-measure"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == used / "report.html"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "200 completions" in Page(path.read_text()).words


def test_a_file_can_be_named(used: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a folder" / "page.html"
    assert main(["report", "--no-measure", "--out", str(out)]) == 2
    assert "name another file with --out" in capsys.readouterr().err
    out.parent.mkdir()
    assert main(["report", "--no-measure", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert Page(out.read_text()).faults == []


def test_the_page_can_go_to_standard_output(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--no-measure", "--out", "-"]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>")
    assert not (state / "report.html").exists()


def test_json_has_all_figures(used: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(path_of(used, engine_key(load_settings())), SPEED)
    assert main(["report", "--no-measure", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == FIELDS
    assert (found["completions"], found["engine"], found["live"]) == (200, SPEED.engine, None)
    assert set(found["guessing"]) >= {"drafted", "tested", "accepted", "emitted", "passes", "alpha", "tau"}
    assert found["guessing"]["positions"][0]["share"].keys() == {"value", "low", "high"}
    assert found["speed"]["points"][0]["tokens"] == [1.26, 1.47, 1.6]
    assert found["savings"][-1].keys() == {"at", "completions", "ms", "low", "high"}
    assert found["drafts"] is None


def test_nothing_measured_is_an_empty_report(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--no-measure", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    missing = {name for name, value in found.items() if value is None}
    assert missing >= {"guessing", "parts", "first", "reuse", "editors", "speed", "drafts"}
    assert found["completions"] == 0


def test_completions_of_other_models_are_left_out(used: Path, capsys: pytest.CaptureFixture[str]) -> None:
    others = [dump(line, "") | {"engine": "another"} for line in week(5)]
    append(used, "".join(json.dumps(line) + "\n" for line in others) + "damage\n")
    keep(path_of(used, engine_key(load_settings())), SPEED)
    assert main(["report", "--no-measure", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["completions"], found["others"], found["damaged"]) == (200, 5, 1)


def test_the_browser_is_asked(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []

    def show(url: str) -> bool:
        opened.append(url)
        return len(opened) == 1

    monkeypatch.setattr(webbrowser, "open", show)
    assert main(["report", "--no-measure", "--open"]) == 0
    assert opened == [(state / "report.html").as_uri()]
    assert main(["report", "--no-measure", "--open"]) == 1
    assert "no browser could be started" in capsys.readouterr().err


def test_a_running_daemon_is_asked(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(home.folder / "state"))
    monkeypatch.setenv("PACELINE_RUNTIME_DIR", str(home.runtime))
    monkeypatch.setenv("PACELINE_TARGET", str(home.script))
    with home.connect() as client:
        client.complete(ask(tokens=4))
        eventually((home.folder / "state" / "paceline" / NAME).exists, "the history is written")
        assert main(["report", "--no-measure", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["engine"], found["completions"], found["live"]["state"]) == ("fake · none", 1, "ready")


class Measuring:
    """In place of the measurement: counts its calls, and fails where it is told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.fault: Exception | None = None

    def __call__(self, *_: Any) -> Any:
        """Measure nothing."""
        self.calls += 1
        if self.fault is not None:
            raise self.fault
        return replace(SPEED, at=time.time())


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measuring:
    """The measurement, replaced."""
    found = Measuring()
    monkeypatch.setattr(measuring, "measure_speed", found)
    return found


def test_it_measures_where_that_is_due(
    state: Path, measured: Measuring, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, calls in (([], 1), ([], 1), (["--measure"], 2), (["--no-measure"], 2)):
        assert main(["report", *arguments]) == 0
        assert measured.calls == calls
    path = path_of(state, engine_key(load_settings()))
    keep(path, replace(SPEED, at=time.time() - FRESH_SECONDS - 60.0))
    assert main(["report"]) == 0
    assert measured.calls == 3


def test_large_models_are_not_loaded_unasked(
    state: Path, tmp_path: Path, measured: Measuring, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "model.safetensors").open("wb") as file:
        os.truncate(file.fileno(), making.SMALL_BYTES + 1)
    assert main(["report", "--target", str(tmp_path), "--out", "-"]) == 0
    assert measured.calls == 0
    assert "takes long. Run paceline report --measure" in Page(capsys.readouterr().out).words


def test_why_nothing_could_be_measured_is_on_the_page(
    state: Path, measured: Measuring, capsys: pytest.CaptureFixture[str]
) -> None:
    measured.fault = MemoryPlanError("There is no room.")
    assert main(["report", "--out", "-"]) == 0
    assert "Not measured: There is no room. Then run" in Page(capsys.readouterr().out).words
    assert main(["report", "--measure"]) == 2
    assert "There is no room." in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"at": -1}', "\x00" * 40])
def test_a_damaged_measurement_is_none(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "speed-x.json"
    keep(path, SPEED)
    assert recall(path) == SPEED
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text(damage)
    assert recall(path) is None


def test_the_report_without_a_measurement_is_light(state: Path) -> None:
    assert heavy_modules("paceline.daemon.cli", "report", "--no-measure") == []


@pytest.mark.timeout(300)
def test_a_measurement_of_the_bundled_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "TOKENS", 6)
    monkeypatch.setattr(measuring, "PROMPT_TOKENS", 48)
    monkeypatch.setattr(measuring, "STEP_REPEATS", 1)
    options = making_options()
    found = measuring.measure_speed(options, lambda _stage, _part: None, seconds=0.0)
    assert {(point.kind, point.k) for point in found.points} == {
        *(("draft", k) for k in measuring.KS),
        *(("lookup", 4), ("auto", 0)),
    }
    assert [cost.k for cost in found.costs] == list(measuring.EVERY_K)
    assert (found.prompts, found.tokens) == (3, 6)
    assert found.plain > 0
    assert found.acceptance is not None
    assert all(low <= value <= high for low, value, high in (point.tokens for point in found.points))


def making_options() -> Any:
    """Engine options of the bundled pair, uncompiled."""
    from ....daemon.opening import engine_options

    return engine_options(load_settings({"compile": "off", "threads": 1, "device": "cpu"}))
