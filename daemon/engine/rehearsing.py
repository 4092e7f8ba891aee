"""Quiet moments of the draft model: it reads the answers that it took no part in.

So what it is good for is known without probing in somebody's answer, its time is measured anew, and it has
read the prompt when the next request continues it. The time for it is a small part of what requests took.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from ...models.base import KVCache, LanguageModel
from .drafting import Interrupted
from .pacer.answer import Answer
from .pacer.costs import LEAST_MS
from .pacer.decision import Pacer
from .pacer.lessons import LEAST_FILL
from .pacer.rehearsal import rehearse
from .pacer.running import FAR, RUN
from .prefill import prefill
from .rounds import Clock
from .slots import Slot

SHARE = 0.1
"""Of the time that requests took."""
MOST_CREDIT = 1000.0
"""Milliseconds that unspent time may add up to."""
TIMED = 2
"""Calls of the draft loop that are made to time one; the first warms up."""


@dataclass(frozen=True, slots=True)
class Written:
    """An answer that took ``ms``: what ``slot`` held then, of which those after ``prompt`` are the answer."""

    slot: Slot
    tokens: list[int]
    prompt: int
    ms: float


class Rehearsing:
    """Remembers the last answer until the draft model has read it; ``vocab`` is as for ``DraftModel``."""

    def __init__(
        self, pacer: Pacer, model: LanguageModel, vocab: int, clock: Clock = time.perf_counter
    ) -> None:
        self._pacer = pacer
        self._model = model
        self._vocab = vocab
        self._clock = clock
        self._credit = 0.0
        self._waiting: tuple[Answer, Written] | None = None

    def answered(self, answer: Answer, written: Written) -> None:
        """A request was answered."""
        self._credit = min(MOST_CREDIT, self._credit + SHARE * written.ms)
        free = answer.rules.free and "draft" in answer.rules.sources
        self._waiting = (answer, written) if free and answer.starts else None

    def run(self, stopped: Callable[[], bool]) -> bool:
        """Read the last answer, if there is time for it; False where ``stopped()`` turned true before that.

        The slot is left valid, however it ends.
        """
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return True
        answer, written = waiting
        cache, tokens = written.slot.draft, written.tokens
        if cache is None or written.slot.tokens != tokens:
            return True
        cache.rewind(min(cache.length, written.prompt - 1))
        if len(tokens) > cache.capacity or self._cost(tokens, cache) > self._credit:
            return True
        begun = self._clock()
        try:
            self._read(answer, written, cache, stopped)
            self._time_steps(tokens, cache, stopped)
        except Interrupted:
            return False
        finally:
            written.slot.settle()
            self._credit -= 1000.0 * (self._clock() - begun)
        self._pacer.refresh()
        return True

    def _cost(self, tokens: list[int], cache: KVCache) -> float:
        """Milliseconds that it will take."""
        costs = self._pacer.costs
        steps = costs.draft.row(len(tokens))[self._pacer.calls[-1]]
        return (costs.fill(len(tokens) - cache.length) + TIMED * steps) * costs.pace

    def _read(self, answer: Answer, written: Written, cache: KVCache, stopped: Callable[[], bool]) -> None:
        """Bring the draft model up to date and learn from what it says to the answer."""
        tokens, prompt = written.tokens, written.prompt
        backlog = prompt - 1 - cache.length
        begun = self._clock()
        prefill(self._model, cache, tokens[:prompt], stopped, leave=1)
        if backlog >= LEAST_FILL:
            self._pacer.costs.filled(backlog, 1000.0 * (self._clock() - begun))
        if stopped():
            raise Interrupted
        read = tokens[prompt - 1 : -1]
        choices = self._model.choose(read, cache, len(read), self._vocab)
        rehearse(self._pacer, answer.starts, tokens, prompt, choices)

    def _time_steps(self, tokens: list[int], cache: KVCache, stopped: Callable[[], bool]) -> None:
        """Measure a call of the draft loop, and all of them anew where its time is another one for good."""
        costs, calls = self._pacer.costs, tuple(self._pacer.calls)
        if len(tokens) + calls[-1] > cache.capacity:
            return
        self._call(tokens, cache, calls[-1])  # warms up
        for _ in range(RUN):
            steps, ms = self._call(tokens, cache, calls[-1])
            known = costs.draft.row(len(tokens))[steps] * costs.pace
            if abs(math.log(max(ms, LEAST_MS) / known)) <= FAR:
                costs.drafted(steps, len(tokens), ms, rare=True)
                return
            if stopped():
                raise Interrupted
        costs.forget_draft()
        for count in RUN * calls:
            steps, ms = self._call(tokens, cache, count)
            costs.drafted(steps, len(tokens), ms)
            if stopped():
                raise Interrupted

    def _call(self, tokens: list[int], cache: KVCache, steps: int) -> tuple[int, float]:
        """Draft and forget it: how many tokens, and milliseconds."""
        length, begun = cache.length, self._clock()
        done = self._model.draft(tokens[length:], cache, steps, self._vocab)
        ms = 1000.0 * (self._clock() - begun)
        cache.rewind(length)
        return len(done), ms
