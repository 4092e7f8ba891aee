"""The verb from end to end on the bundled pair: a few tokens, every row, as JSON and as a table."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ....daemon.bench import hardware
from ....daemon.bench.hardware import Moment
from ....daemon.cli import main

SMALL = ("--prompts", "1", "--repeats", "1", "--lengths", "3,9", "--k", "2", "--prompt-tokens", "60")


@pytest.fixture
def bench(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the verb in this process, on one thread of the CPU."""
    before = torch.get_num_threads()
    monkeypatch.setenv("PACELINE_DEVICE", "cpu")
    monkeypatch.setenv("PACELINE_THREADS", "1")
    monkeypatch.setattr("paceline.daemon.bench.schedule.SETTLE", 0.0, raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(["bench", *arguments])
        finally:
            torch.set_num_threads(before)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def rows(report: dict[str, Any], place: int) -> dict[str, dict[str, Any]]:
    """The rows at one length by name."""
    return {row["name"]: row for row in report["lengths"][place]["rows"]}


@pytest.mark.timeout(300)
def test_every_row_writes_the_same_text(bench: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = bench(*SMALL, "--dtype", "f32", "--json")
    report = json.loads(out)
    assert status == 0
    assert [section["tokens"] for section in report["lengths"]] == [3, 9]
    found = rows(report, 1)
    assert {"k2", "lookup2", "auto", "hf", "hf-assisted", "hf-assisted-k4", "hf-lookup"} <= found.keys()
    assert report["lengths"][1]["baseline"] in ("plain", "plain-eager")
    for name, row in found.items():
        assert (row["equal"], row["whole"], row["prompts"], row["steady"]) == (1.0, 1, 1, True), name
        assert 0 < row["first"]["median"] <= row["total"]["median"], name
    plain = found[report["lengths"][1]["baseline"]]
    assert (plain["per_pass"], plain["acceptance"], plain["faster"]["value"]) == (1.0, None, 1.0)
    assert found["hf"]["per_pass"] == 1.0
    assert 1.0 <= found["k2"]["per_pass"] <= 3.0
    assert report["hardware"]["threads"] == 1
    keys = report["keystroke"]
    assert 0 < keys["computed"] < keys["of"]
    assert keys["part"]["value"] == pytest.approx(keys["key"]["median"] / keys["cold"]["median"])
    assert "never in the bundled pair's training corpus" in report["source"]


def test_files_and_rows_are_chosen_and_the_table_fits(
    bench: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    (tmp_path / "code.py").write_text(
        "".join(f"def function_{n}(value):\n    return value + {n}\n\n\n" for n in range(40))
    )
    status, out, _ = bench(*SMALL, "--only", "plain-eager,lookup*", str(tmp_path))
    assert status == 0
    assert max(map(len, out.splitlines())) <= 120
    assert "1 of the files given" in " ".join(out.split())
    assert "plain, eager" in out
    assert "one more character" in out
    assert "transformers generate" not in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--only", "nothing"), "no row is named 'nothing'"),
        (("nowhere.py",), "nowhere.py is no file"),
        (("--k", "0,2"), "'0' is not a whole number from 1"),
        (("--synthetic", "no-such-shape"), "'no-such-shape' is no shape"),
        (("--lengths", "a"), "'a' is not a whole number"),
    ],
)
def test_wrong_input_is_one_sentence(
    bench: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], sentence: str
) -> None:
    status, out, error = bench(*SMALL, *arguments)
    assert (status, out) == (2, "")
    assert sentence in error
    assert len(error.splitlines()) == 1


def test_a_shape_is_measured(bench: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = bench(*SMALL, "--synthetic", "mini", "--acceptance", "1", "--dtype", "f32", "--json")
    report = json.loads(out)
    found = rows(report, 1)
    assert status == 0
    assert found.keys() == {"plain", "k2", "auto", "hf", "hf-k2"}
    assert found["k2"]["acceptance"] == found["hf-k2"]["acceptance"] == 1.0
    assert found["k2"]["per_pass"] == found["hf-k2"]["per_pass"] == 3.0
    assert report["lengths"][1]["predicted"]["k2"] > 0
    assert report["copy_bandwidth"] > 0


def test_a_shape_as_a_table_fits(bench: Callable[..., tuple[int, str, str]]) -> None:
    _, out, _ = bench(*SMALL, "--synthetic", "mini")
    assert max(map(len, out.splitlines())) <= 120
    assert "forced acceptance 0.8" in out
    assert "predicted ×" in out


def test_other_programs_are_told_from_our_own() -> None:
    before, after = Moment(0.0, 100.0, 5.0), Moment(10.0, 118.0, 13.0)
    share = hardware.others(before, after)
    assert share is not None
    assert share * 10.0 * (os.cpu_count() or 1) == pytest.approx(10.0)
    assert hardware.others(Moment(0.0, None, 0.0), after) is None
    assert hardware.warning(0.05) is None
    assert "50% of the cores" in (hardware.warning(0.5) or "")


@pytest.mark.timeout(300)
def test_a_daemon_is_started_twice_and_asked(bench: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = bench("--serving", "--json")
    report = json.loads(out)
    assert status == 0
    assert len(report["starts"]) == 2
    assert all(0 < start["answered"] <= start["settled"] for start in report["starts"])
    assert 0 < report["hello"]["low"] <= report["hello"]["high"]
    assert report["engine"]["pair"] == "mini"
