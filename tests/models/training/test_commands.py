"""What a verb trains with: lengths, rates and schedules of phases, and what must be there before."""

from __future__ import annotations

import json
from argparse import Namespace
from itertools import pairwise
from pathlib import Path

import pytest

from ....models.training import commands
from ....models.training.__main__ import parser
from ....models.training.commands import PHASES, RecipeError
from ....models.training.presets import PRESETS
from ....models.training.schedule import Schedule


def arguments(work: Path, *more: str) -> Namespace:
    """Those of the verb ``target``."""
    return parser().parse_args(["target", "--work", str(work), "--preset", "tiny", "--tokens", "500", *more])


def test_each_phase_starts_from_the_one_before_it(tmp_path: Path) -> None:
    assert commands._before(arguments(tmp_path)) is None
    for before, phase in pairwise(PHASES):
        with pytest.raises(RecipeError, match=f"target --phase {before}"):
            commands._before(arguments(tmp_path, "--phase", phase))
        (tmp_path / f"target-{before}.pt").touch()
        assert commands._before(arguments(tmp_path, "--phase", phase)) == tmp_path / f"target-{before}.pt"


@pytest.mark.parametrize("phase", PHASES)
def test_only_the_first_phase_warms_up_and_late_ones_come_down(tmp_path: Path, phase: str) -> None:
    length, rate, schedule = commands._phase(arguments(tmp_path, "--phase", phase), PRESETS["tiny"])
    assert (schedule.factor(0) < 1.0) is (phase == "stable")
    assert (schedule.factor(500) == 0.0) is (phase in ("decay", "long", "mend"))
    assert length in (64, 128, 192) and 0.0 < rate <= PRESETS["tiny"].rate


def test_a_rate_that_is_given_counts_and_no_part_is_larger_than_its_batch(tmp_path: Path) -> None:
    plan = commands._plan(arguments(tmp_path, "--rate", "0.5"), 256, 512, 0.1, Schedule())
    assert (plan.rate, plan.batch, plan.micro, plan.tokens) == (0.5, 256, 256, 500)
    assert commands._plan(arguments(tmp_path), 256, 64, 0.1, Schedule()).rate == 0.1


def test_the_latest_of_what_was_trained_is_exported(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="none of b, a is in"):
        commands._latest(tmp_path, "b", "a")
    (tmp_path / "a").touch()
    assert commands._latest(tmp_path, "b", "a") == tmp_path / "a"
    (tmp_path / "b").touch()
    assert commands._latest(tmp_path, "b", "a") == tmp_path / "b"


def test_a_corpus_too_small_for_a_row_is_refused(tmp_path: Path) -> None:
    source = {"path": "a.py", "package": "a", "text": "x = 1\n" * 40}
    (tmp_path / "train.jsonl").write_text(json.dumps(source) + "\n")
    (tmp_path / "held.jsonl").touch()
    work = ["--work", str(tmp_path), "--preset", "tiny"]
    commands.run_tokenizer(parser().parse_args(["tokenizer", *work]))
    with pytest.raises(RecipeError, match="too small for one row of 4096 tokens"):
        commands.run_shards(parser().parse_args(["shards", *work, "--length", "4096", "--tokens", "10000"]))
