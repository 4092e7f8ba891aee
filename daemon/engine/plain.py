"""Rounds in which nothing is drafted: the pacer hears how long they take, and no more."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from .drafting import NOTHING, Cancelled, Proposal
from .pacer.answer import Answer
from .pacer.proof import Saved
from .rounds import Clock, Round


@dataclass(slots=True)
class Plain:
    """A drafter that proposes nothing."""

    answer: Answer
    clock: Clock = time.perf_counter
    _begun: float | None = None
    _length: int = 0
    _learning: float = 0.0  # seconds after the last round

    def propose(self, tokens: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:  # noqa: ARG002
        """Nothing; the round begins."""
        self._begun, self._length = self.clock(), len(tokens)
        return NOTHING

    def learn(self, done: Round, used: int) -> None:
        """A round is over and ``used`` of its tokens went into the answer."""
        if self._begun is None:
            return
        ended = self.clock()
        took = 1000.0 * (ended - self._begun + self._learning)
        self._begun = None
        self.answer.learn_plain(self._length, took if done.read == 1 else None, used)
        self._learning = self.clock() - ended

    def end(self, *, ended: bool) -> Saved | None:
        """The answer is complete, or was cut short; what it saved."""
        return self.answer.end(ended=ended)
