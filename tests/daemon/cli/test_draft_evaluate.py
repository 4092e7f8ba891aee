"""``paceline draft evaluate``: what is measured for what was typed, and what is said where it ends badly."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ....daemon.cli import main
from ....daemon.engine.engine import EngineOptions
from ....daemon.evaluation import evaluate
from ....daemon.evaluation.evaluate import Plan
from ....models.errors import MemoryPlanError
from ..report.test_verdicts import verdict

HARDWARE = {"cpu": "a processor", "threads": 2}


class Evaluating:
    """In the place of the evaluation: notes what it was asked for, and fails where it is told to."""

    def __init__(self) -> None:
        self.options: EngineOptions | None = None
        self.plan: Plan | None = None
        self.fault: BaseException | None = None

    def __call__(self, options: EngineOptions, plan: Plan, tell: Callable[[str, float], None]) -> Any:
        """Measure nothing."""
        self.options, self.plan = options, plan
        tell("measuring", 0.5)
        if self.fault is not None:
            raise self.fault
        return verdict(hardware=HARDWARE)


@pytest.fixture
def evaluating(monkeypatch: pytest.MonkeyPatch) -> Evaluating:
    """The evaluation, replaced."""
    found = Evaluating()
    monkeypatch.setattr(evaluate, "evaluate", found)
    return found


def test_what_is_typed_is_what_is_measured(evaluating: Evaluating, tmp_path: Path) -> None:
    arguments = ("--on", str(tmp_path), "--candidates", "a", "b", "--k", "8,2,8", "--prompts", "9")
    assert main(["draft", "evaluate", *arguments, "--max-tokens", "3", "--repeats", "1", "--seed", "5"]) == 0
    assert evaluating.plan == Plan(
        on=tmp_path, drafts=("a", "b"), ks=(8, 2), places=9, tokens=3, repeats=1, seed=5
    )


def test_without_arguments_this_folder_is_measured_on_with_the_settings(
    evaluating: Evaluating, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACELINE_DRAFTER", "lookup")
    monkeypatch.setenv("PACELINE_K", "3")
    assert main(["draft", "evaluate", "--dtype", "f32"]) == 0
    plan, options = evaluating.plan, evaluating.options
    assert plan is not None and options is not None
    assert (plan.on, plan.drafts, plan.usual, plan.usual_k) == (Path(), (), "lookup", 3)
    assert (options.target_dtype, options.draft_dtype) == ("f32", "f32")


def test_json_is_the_verdict_alone_and_words_end_with_the_settings_file(
    evaluating: Evaluating, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draft", "evaluate", "--json"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["best"], err) == ("draft 0", "")
    assert main(["draft", "evaluate"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Settings file: ")


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 1, "No space left on device"),
        (OSError("the file ends too soon"), 1, "the file ends too soon"),
        (MemoryPlanError("There is no room."), 2, "There is no room."),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
    ids=["full", "bare", "memory", "interrupt"],
)
def test_an_evaluation_that_fails_is_a_sentence_on_stderr_alone(
    evaluating: Evaluating, capsys: pytest.CaptureFixture[str], fault: BaseException, status: int, words: str
) -> None:
    evaluating.fault = fault
    for form in ((), ("--json",)):
        assert main(["draft", "evaluate", *form]) == status
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert words in err and "None" not in err
