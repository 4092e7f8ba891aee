"""Arms take turns: each runs on each prompt, none is always first, warm-up runs are left out."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.bench import schedule
from ....daemon.bench.records import Case, Run
from ....daemon.bench.schedule import measure, outputs, steady, turns

COUNTS = st.integers(1, 6)


@dataclass
class Toy:
    """Writes a number that grows with each run, or the same always."""

    name: str
    changes: bool = False
    asked: list[tuple[str, int]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """As its name."""
        return self.name

    def run(self, case: Case, count: int) -> Run:
        """Note the call."""
        self.asked.append((case.name, count))
        return Run((len(self.asked) if self.changes else 7,) * count, 1.0, 2.0)


@given(COUNTS, COUNTS, COUNTS)
def test_every_arm_runs_on_every_prompt_in_every_repeat(arms: int, prompts: int, repeats: int) -> None:
    order = list(turns(arms, prompts, repeats))
    assert sorted(order) == [(r, p, a) for r in range(repeats) for p in range(prompts) for a in range(arms)]


@given(COUNTS, COUNTS, COUNTS)
def test_a_prompt_is_left_only_when_all_arms_ran(arms: int, prompts: int, repeats: int) -> None:
    order = [(repeat, prompt) for repeat, prompt, _ in turns(arms, prompts, repeats)]
    assert order == sorted(order)


def test_no_arm_is_favoured() -> None:
    arms, order = 4, list(turns(4, 16, 1))
    firsts = Counter(arm for place, (_, _, arm) in enumerate(order) if place % arms == 0)
    followed = {(a, b) for (_, p, a), (_, q, b) in pairwise(order) if p == q}
    assert set(firsts.values()) == {4}
    assert all((b, a) in followed for a, b in followed)


@pytest.fixture
def cases() -> list[Case]:
    """Three prompts."""
    return [Case(name, "line", "", "", "", (1,)) for name in "abc"]


def test_warm_up_runs_are_left_out(monkeypatch: pytest.MonkeyPatch, cases: list[Case]) -> None:
    monkeypatch.setattr(schedule, "SETTLE", 0.0)
    arms, heard = [Toy("one"), Toy("two", changes=True)], []
    runs = measure(arms, cases, 5, 2, lambda _, part: heard.append(part))
    assert {name: [len(repeated) for repeated in prompts] for name, prompts in runs.items()} == {
        "one": [2, 2, 2],
        "two": [2, 2, 2],
    }
    assert [len(arm.asked) for arm in arms] == [8, 8]
    assert all(count == 5 for arm in arms for _, count in arm.asked)
    assert all(0 <= part <= 1 for part in heard)
    assert outputs(runs, "one") == [(7,) * 5] * 3
    assert steady(runs) == {"one": True, "two": False}
