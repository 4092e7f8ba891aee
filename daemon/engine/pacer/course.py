"""The times of one answer's rounds, beside what the cost model expects of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from .round import Done

LEAST_PASSES = 3
"""Timed target passes that tell how fast an answer's rounds were."""


def cost_of(row: Sequence[float], size: int) -> float:
    """The cost of ``size``, of the largest known one for what was forced beyond it."""
    return row[min(size, len(row) - 1)]


@dataclass(slots=True)
class Course:
    """Sums over the rounds of an answer, milliseconds; what is expected is so at a pace of 1.

    ``passes`` are the target passes that were timed, ``expected`` and ``spent`` their times; the others also
    read the prompt, and of them ``joined`` is expected for the token they give in any case and ``widened``
    for the drafted ones. ``plain`` is expected of plain decoding for all tokens; ``drafting`` and
    ``choosing`` were measured, the latter where it is no part of a pass.
    """

    passes: int = 0
    expected: float = 0.0
    spent: float = 0.0
    joined: float = 0.0
    widened: float = 0.0
    plain: float = 0.0
    drafting: float = 0.0
    choosing: float = 0.0

    def add(self, done: Done, row: Sequence[float]) -> None:
        """Take a round; ``row`` are the expected times of a target pass by width."""
        self.add_pass(done.verify, row[1], done.used, cost_of(row, done.kept + 1) - row[1])
        self.drafting += done.drafting
        self.choosing += done.choosing

    def add_pass(self, ms: float | None, plain: float, used: int, widened: float = 0.0) -> None:
        """Take a target pass of ``ms``, None where it also read the prompt: ``plain`` is expected of one
        without drafted tokens, ``widened`` of these, and ``used`` tokens came of it.
        """
        self.plain += plain * used
        if ms is None:
            self.joined += plain
            self.widened += widened
        else:
            self.passes += 1
            self.expected += plain + widened
            self.spent += ms

    @property
    def telling(self) -> bool:
        """Whether enough passes were timed to say how fast they were."""
        return self.passes >= LEAST_PASSES

    def level(self, pace: float) -> float:
        """The time of the rounds over what was expected; ``pace`` where too few were timed."""
        return self.spent / self.expected if self.telling else pace

    def actual(self, level: float, ratio: float) -> float:
        """Milliseconds spent, where rounds were at ``level`` and plain ones take ``ratio`` of them."""
        read = level * (self.widened + ratio * self.joined)
        return self.spent + self.drafting + self.choosing + read
