"""Plain rounds as the pacer hears of them."""

from collections.abc import Sequence

import pytest

from ....daemon.engine.drafting import NOTHING
from ....daemon.engine.pacer.answer import Answer
from ....daemon.engine.pacer.costs import Costs
from ....daemon.engine.pacer.decision import Pacer
from ....daemon.engine.pacer.round import NO_DRAFTS, Rules
from ....daemon.engine.plain import Plain
from ....daemon.engine.rounds import Round
from .toys import never

PROMPT = [1, 2, 3]


class Clock:
    """Stands still but for what a test lets pass, in seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Slow(Answer):
    """An answer that takes ``takes`` seconds to learn from a round, and remembers what it heard."""

    def listen(self, clock: Clock, takes: float) -> None:
        self.heard: list[tuple[int, float | None, int]] = []
        self._clock, self._takes = clock, takes

    def learn_plain(self, length: int, ms: float | None, used: int) -> None:
        self.heard.append((length, ms, used))
        self._clock.now += self._takes


class Bench:
    """A plain drafter and its clock."""

    def __init__(self, takes: float = 0.0) -> None:
        self.clock = Clock()
        self.answer = Slow(Pacer(4, Costs(4)), "python", "line", Rules(), 50)
        self.answer.listen(self.clock, takes)
        self.plain = Plain(self.answer, self.clock)

    def round(self, seconds: float, tokens: Sequence[int] = PROMPT, read: int = 1, used: int = 1) -> None:
        assert self.plain.propose(tokens, 4, never) is NOTHING
        self.clock.now += seconds
        self.plain.learn(Round(NOTHING, 0, [9], read, [-0.1], 0.0, seconds), used)


def test_a_round_is_told_with_its_context_and_milliseconds() -> None:
    bench = Bench()
    bench.round(0.25)
    assert bench.answer.heard == [(3, 250.0, 1)]


def test_a_pass_that_also_read_the_prompt_has_no_time() -> None:
    bench = Bench()
    bench.round(0.25, read=3)
    assert bench.answer.heard == [(3, None, 1)]


def test_what_learning_took_belongs_to_the_next_round() -> None:
    bench = Bench(takes=0.5)
    bench.round(0.25)
    bench.round(0.25)
    assert [ms for _, ms, _ in bench.answer.heard] == pytest.approx([250.0, 750.0])


def test_a_round_that_nothing_was_asked_for_is_not_told() -> None:
    bench = Bench()
    bench.plain.learn(Round(NOTHING, 0, [9], 1, [-0.1], 0.0, 1.0), 1)
    assert bench.answer.heard == []


def test_a_round_is_told_once() -> None:
    bench = Bench()
    bench.round(0.25)
    bench.plain.learn(Round(NOTHING, 0, [9], 1, [-0.1], 0.0, 1.0), 1)
    assert len(bench.answer.heard) == 1


def test_a_round_that_was_interrupted_leaves_no_time_to_the_next() -> None:
    bench = Bench()
    bench.plain.propose(PROMPT, 4, never)
    bench.clock.now += 7.0
    bench.round(0.25)
    assert bench.answer.heard == [(3, 250.0, 1)]


def test_a_plain_answer_saves_nothing() -> None:
    clock = Clock()
    plain = Plain(Answer(Pacer(4, Costs(4)), "python", "line", NO_DRAFTS, 50), clock)
    assert plain.end(ended=True) is None
    for _ in range(5):
        plain.propose(PROMPT, 4, never)
        clock.now += 0.25
        plain.learn(Round(NOTHING, 0, [9], 1, [-0.1], 0.0, 0.25), 1)
    saved = plain.end(ended=True)
    assert saved is not None
    assert saved.ms == pytest.approx(0.0)
    assert plain.answer.account.actual == pytest.approx(1250.0)
