"""``paceline draft evaluate`` as it is typed, and the row of ``status`` that asks for it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ....daemon.cli import main
from ....daemon.cli.status import screen
from ..engine.pairs import make_random_pair
from ..evaluation.test_places import CODE
from .test_status import ENGINE, STATUS

SMALL = ("--prompts", "6", "--max-tokens", "3", "--k", "2", "--repeats", "1")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """One thread of the CPU, and a state directory of its own."""
    return {
        "PACELINE_DEVICE": "cpu",
        "PACELINE_THREADS": "1",
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }


@pytest.fixture
def evaluate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str]
) -> Run:
    """Run the verb in this process."""
    before = torch.get_num_threads()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(["draft", "evaluate", *arguments])
        finally:
            torch.set_num_threads(before)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A pair, and code beside it."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code/app.py").write_text(CODE)
    return make_random_pair(tmp_path / "pair")


def test_the_verdict_is_printed_and_kept(evaluate: Run, pair: Path) -> None:
    code = str(pair.parent / "code")
    status, out, _ = evaluate("--target", str(pair), "--on", code, *SMALL, "--json")
    found = json.loads(out)
    assert status == 0
    assert found["outcomes"][0]["name"] == found["best"]
    assert found["usual"].endswith("auto, pacer")
    (kept,) = (pair.parent / "state/paceline").glob("verdict-*.json")
    assert json.loads(kept.read_text())["words"] == found["words"]


def test_without_a_draft_there_is_a_table_of_the_others(evaluate: Run, pair: Path) -> None:
    code = str(pair.parent / "code")
    status, out, _ = evaluate("--target", str(pair / "target"), "--on", code, *SMALL)
    assert status == 0
    assert max(map(len, out.splitlines()[2:])) <= 120
    assert "plain  " in out
    assert "lookup, k 2" in out
    assert f"Settings file: {pair.parent / 'config/paceline/config.toml'}" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--on", "nowhere"), "nowhere is no folder"),
        (("--k", "0"), "'0' is not a whole number from 1"),
        (("--prompts", "1"), "'1' is not a whole number from 6"),
        (("--target", "no-such-pair"), "'no-such-pair' is neither"),
    ],
)
def test_wrong_input_is_one_sentence(evaluate: Run, arguments: tuple[str, ...], sentence: str) -> None:
    status, out, error = evaluate(*arguments)
    assert (status, out) == (2, "")
    assert sentence in error
    assert len(error.splitlines()) == 1


def test_an_interrupt_ends_it_at_once_and_keeps_nothing(pair: Path, environment: dict[str, str]) -> None:
    arguments = ["--target", str(pair), "--on", str(pair.parent / "code"), "--prompts", "1000"]
    with subprocess.Popen(
        [sys.executable, "-m", "paceline", "draft", "evaluate", *arguments, "--repeats", "100"],
        env=dict(os.environ) | environment | {"PACELINE_COMPILE": "off"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        time.sleep(8)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert len(error.splitlines()) == 1
    assert not list((pair.parent / "state").glob("paceline/verdict-*"))


def test_status_says_when_drafts_should_be_measured() -> None:
    shown = screen(replace(STATUS, engine=ENGINE | {"evaluation": "the draft took no part"}))
    assert "drafts      the draft took no part\n" in shown
    assert "drafts  " not in screen(replace(STATUS, engine=ENGINE | {"evaluation": None}))
