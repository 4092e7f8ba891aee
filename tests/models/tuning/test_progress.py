"""How far a tuning is: words with the speed of late and the time that is left, and a part that only grows."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....models.tuning.budget import Budget
from ....models.tuning.progress import RECENT_SECONDS, Progress
from ....models.tuning.store import Store


class Clock:
    """Goes on only where it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """The time."""
        return self.now


class Told:
    """A tuning of some minutes, and what was heard of it."""

    def __init__(self, folder: Path, clock: Clock, minutes: float) -> None:
        self.heard: list[tuple[str, float]] = []
        self.clock = clock
        self.progress = Progress(
            lambda words, part: self.heard.append((words, part)), Budget(Store(folder), minutes)
        )

    def after(self, seconds: float, tokens: int, facts: str = "") -> str:
        """What is said of tokens that took so long."""
        self.clock.now += seconds
        self.progress.count(tokens, facts)
        return self.heard[-1][0]


@pytest.fixture
def tuning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Told]:
    """Makes them, with a clock of their own."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    return lambda minutes: Told(tmp_path, clock, minutes)


def test_a_stage_is_told_at_once_by_its_name(tuning: Callable[[float], Told]) -> None:
    told = tuning(10)
    told.progress.stage("learning")
    assert told.heard == [("learning", 0.0)]


def test_tokens_are_told_with_speed_facts_and_time_left(tuning: Callable[[float], Told]) -> None:
    told = tuning(10)
    told.progress.stage("learning")
    assert told.after(2.0, 5000, "α 0.51") == "learning: 2,500 tokens/s, α 0.51, 9:58 left"
    assert told.after(60.0, 5000) == "learning: 161 tokens/s, 8:58 left"


def test_the_speed_is_that_of_late(tuning: Callable[[float], Told]) -> None:
    told = tuning(10)
    told.progress.stage("learning")
    told.after(RECENT_SECONDS + 1, 11_000)
    assert "1,000 tokens/s" in told.after(1.0, 9)
    assert "50 tokens/s" in told.after(RECENT_SECONDS, 541)


def test_a_new_stage_forgets_the_speed_of_the_one_before(tuning: Callable[[float], Told]) -> None:
    told = tuning(10)
    told.progress.stage("writing")
    told.after(5.0, 50_000)
    told.progress.stage("learning")
    assert told.after(5.0, 500).startswith("learning: 100 tokens/s")


def test_tokens_that_took_no_time_are_no_division_by_nothing(tuning: Callable[[float], Told]) -> None:
    told = tuning(10)
    told.progress.stage("learning")
    assert "tokens/s" in told.after(0.0, 7)
    assert "0 tokens/s" in tuning(10).after(1.0, 0)


def test_past_its_time_nothing_is_left_and_all_is_done(tuning: Callable[[float], Told]) -> None:
    told = tuning(1)
    told.progress.stage("learning")
    assert told.after(100.0, 10).endswith("0:00 left")
    assert told.heard[-1][1] == 1.0


@given(st.lists(st.floats(0, 200), max_size=12))
def test_the_part_that_is_done_only_grows(steps: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr(time, "monotonic", clock.monotonic)
        told = Told(Path("/nowhere-at-all"), clock, 15)
        for seconds in steps:
            assert re.search(r" \d+:[0-5]\d left$", told.after(seconds, 1))
        parts = [part for _, part in told.heard]
        assert parts == sorted(parts) and all(0.0 <= part <= 1.0 for part in parts)
