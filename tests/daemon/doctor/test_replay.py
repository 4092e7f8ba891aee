"""Runs in turns within a time, and what fits into it."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from ....daemon.bench.records import Case, Run
from ....daemon.doctor import replay as module
from ....daemon.doctor.replay import LEAST_PROMPTS, REPEATS, fit, replay, ways

CASES = [Case(f"case {number}", "line", "a.py", "", "", ()) for number in range(5)]


@dataclass
class Clocked:
    """An arm that takes its time on a clock of the test's own."""

    name: str
    seconds: float
    clock: list[float]
    ran: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.name

    def run(self, case: Case, count: int) -> Run:
        self.clock[0] += self.seconds
        self.ran.append(case.name)
        return Run(tuple(range(count)), 1.0, 1000.0 * self.seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that ``replay`` sees."""
    now = [0.0]
    own = SimpleNamespace(monotonic=lambda: now[0], sleep=lambda _seconds: None)
    monkeypatch.setattr(module, "time", own)
    return now


def quiet(_stage: str, _fraction: float) -> None:
    """Nobody listens."""


def test_all_is_run_where_there_is_time(clock: list[float]) -> None:
    arms = [Clocked("plain", 0.1, clock), Clocked("auto", 0.1, clock)]
    runs = replay(arms, CASES, 4, 1000.0, quiet)
    assert {len(repeated) for prompts in runs.values() for repeated in prompts} == {REPEATS}
    assert [len(prompts) for prompts in runs.values()] == [5, 5]


def test_time_ends_it_between_prompts(clock: list[float]) -> None:
    arms = [Clocked("plain", 1.0, clock), Clocked("auto", 2.0, clock), Clocked("draft4", 3.0, clock)]
    runs = replay(arms, CASES, 4, 15.0, quiet)
    assert [len(prompts) for prompts in runs.values()] == [3, 3, 3]
    assert arms[0].ran == arms[1].ran == arms[2].ran == ["case 0", "case 1", "case 2"]


def test_two_prompts_are_run_however_long_they_take(clock: list[float]) -> None:
    runs = replay([Clocked("plain", 99.0, clock), Clocked("auto", 99.0, clock)], CASES, 4, 1.0, quiet)
    assert [len(prompts) for prompts in runs.values()] == [2, 2]


def test_a_fast_pair_writes_much_and_a_slow_one_less() -> None:
    def probe(first: float, token: float) -> Run:
        return Run(tuple(range(8)), first, first + 7 * token)

    assert (fit(probe(20.0, 0.3), 8, 25.0).tokens, fit(probe(20.0, 0.3), 8, 25.0).ways) == (64, 8)
    slower = fit(probe(30.0, 5.0), 8, 25.0)
    assert (slower.tokens, slower.ways) == (32, 8)
    slowest = fit(probe(4000.0, 300.0), 8, 25.0)
    assert (slowest.tokens, slowest.ways) == (16, 2)


def test_what_fits_does_fit() -> None:
    probe = Run(tuple(range(8)), 10.0, 80.0)
    size = fit(probe, 8, 40.0)
    spent = LEAST_PROMPTS * size.ways * (80.0 + (size.tokens - 8) * 10.0) / 1000.0
    assert spent <= 40.0


def test_ways_are_what_a_setting_can_choose() -> None:
    rows = ways(draft=True, compiled=True)
    assert [row.name for row in rows[:2]] == ["plain", "auto"]
    assert len({(row.drafter, row.k) for row in rows}) == len(rows)
    assert not [row for row in ways(draft=False, compiled=True) if row.drafts]
