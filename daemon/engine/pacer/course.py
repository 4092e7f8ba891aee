"""The times of one answer's rounds, beside what the cost model expects of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from .round import Done

LEAST_PASSES = 3
"""Timed target passes that tell how fast an answer's rounds were."""


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
        width = row[min(done.kept + 1, len(row) - 1)]
        self.plain += row[1] * done.used
        self.drafting += sum(ms for _, ms in done.calls) + done.fill[1]
        self.choosing += done.choosing
        if done.verify is None:
            self.joined += row[1]
            self.widened += width - row[1]
        else:
            self.passes += 1
            self.expected += width
            self.spent += done.verify

    def add_plain(self, ms: float | None, expected: float, used: int) -> None:
        """Take a round without drafted tokens in ``ms``, None where the pass also read the prompt."""
        self.plain += expected * used
        if ms is None:
            self.joined += expected
        else:
            self.passes += 1
            self.expected += expected
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
