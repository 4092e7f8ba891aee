"""One completion as a generator: prefill, rounds, stop rules; its ``finally`` leaves the KV valid."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ...models.base import LanguageModel
from .chooser import Chooser
from .drafting import Cancelled, Drafter, Interrupted
from .pacer.proof import Saved
from .prefill import prefill
from .records import Finish, Origin, Piece, Result, Times, Token
from .rounds import Clock, Round, speculate
from .slots import Slot
from .tally import Tally


class Output(Protocol):
    """Where emitted tokens go (``writer.Writer``): knows when the text is complete, and what of it final."""

    @property
    def count(self) -> int:
        """Tokens taken so far."""
        ...

    @property
    def text(self) -> str:
        """The final text, once closed."""
        ...

    def allowed(self) -> list[int] | None:
        """The only ids that may come next; None when all may."""
        ...

    def write(self, token: int, origin: Origin) -> Finish | None:
        """Take one token; the reason to stop, if it brings one."""
        ...

    def take(self) -> str:
        """Final text not handed out before."""
        ...

    def close(self) -> None:
        """Nothing more will be written."""
        ...

    def kept(self) -> tuple[Token, ...]:
        """The tokens behind the final text."""
        ...


class Pace(Protocol):
    """Who learns from the rounds (``paced.Paced``)."""

    def learn(self, done: Round, used: int) -> None:
        """A round is over and ``used`` of its tokens were taken."""
        ...

    def end(self, *, ended: bool) -> Saved | None:
        """The answer ``ended`` by itself, or was cut short; what it saved."""
        ...


CUT_SHORT: frozenset[Finish] = frozenset(("length", "deadline", "cancelled"))


@dataclass(slots=True)
class Generation:
    """A completion under way. Iterate it once: pieces of final text, then the Result.

    ``slot`` has begun with the prompt and took ``reused`` tokens of it from the cache. ``vocab`` is the range
    of ids the pair shares, ``k`` the most drafted tokens a round, ``deadline`` a number of seconds or None,
    ``pace`` who hears of every round.
    Closing the iterator early, or a ``cancelled()`` that turns true, leaves ``slot`` valid for the next one.
    """

    target: LanguageModel
    drafter: Drafter
    chooser: Chooser
    slot: Slot
    reused: int
    writer: Output
    vocab: int
    k: int
    max_tokens: int
    cancelled: Cancelled
    explain: bool = False
    deadline: float | None = None
    pace: Pace | None = None
    clock: Clock = time.perf_counter
    _started: float = field(init=False, default=0.0)
    _tally: Tally = field(init=False, default_factory=Tally)
    _prompt_time: float = field(init=False, default=0.0)
    _prompt_pass: float = field(init=False, default=0.0)
    _first_time: float | None = field(init=False, default=None)
    _logs: list[float] = field(init=False, default_factory=list)

    def __iter__(self) -> Iterator[Piece | Result]:
        self._started = self.clock()
        computed = len(self.slot.tokens) - self.reused
        finish: Finish | None = None
        try:
            prefill(self.target, self.slot.target, self.slot.tokens, self._interrupted)
            while finish is None:
                finish = self._advance()
                yield from self._ready()
        except Interrupted:
            finish = "cancelled" if self.cancelled() else "deadline"
        finally:
            self.slot.settle()
        self.writer.close()
        yield from self._ready()
        yield self._result(finish, computed)

    def _advance(self) -> Finish | None:
        """One round and its tokens written; the reason to stop, if there is one."""
        left = self.max_tokens - self.writer.count
        if left <= 0 or len(self.slot.tokens) > self.slot.target.capacity:
            return "length"
        allowed = self.writer.allowed()
        done = speculate(
            self.slot,
            target=self.target,
            drafter=self.drafter,
            chooser=self.chooser,
            vocab=self.vocab,
            k=min(self.k, left - 1) if allowed is None else 0,
            cancelled=self._interrupted,
            clock=self.clock,
            allowed=allowed,
        )
        if self._tally.passes == 0:
            self._prompt_time = self.clock() - self._started - done.draft_time
            self._prompt_pass = done.verify_time
        self._tally.add(done)
        before = self.writer.count
        finish = self._write(done)
        if self.pace is not None:
            self.pace.learn(done, self.writer.count - before)
        return finish

    def _write(self, done: Round) -> Finish | None:
        for index, token in enumerate(done.emitted):
            self._logs.append(done.log_probabilities[index])
            finish = self.writer.write(token, done.proposal.origin if index < done.accepted else "target")
            if finish is not None:
                return finish
        return None

    def _ready(self) -> Iterator[Piece]:
        text = self.writer.take()
        if text:
            if self._first_time is None:
                self._first_time = self.clock() - self._started
            yield Piece(text)

    def _interrupted(self) -> bool:
        late = self.deadline is not None and self.clock() - self._started >= self.deadline
        return late or self.cancelled()

    def _result(self, finish: Finish, computed: int) -> Result:
        tally = self._tally
        tokens = self.writer.kept()
        saved = None if self.pace is None else self.pace.end(ended=finish not in CUT_SHORT)
        return Result(
            text=self.writer.text,
            finish=finish,
            drafted=tally.drafted,
            tested=tally.tested,
            accepted=tally.accepted,
            emitted=len(tokens),
            passes=tally.passes,
            reused=self.reused,
            computed=computed,
            ms=self._times(),
            by_position=tuple((tested, accepted) for tested, accepted in tally.by_position),
            tokens=tokens if self.explain else (),
            saved_ms=None if saved is None else (saved.ms, saved.low, saved.high),
            confidence=self._confidence(tokens),
        )

    def _confidence(self, tokens: Sequence[Token]) -> tuple[float, float] | None:
        """Mean and least log-probability from the first of ``tokens`` with text to the last: without those
        that only repeat what stands before the cursor, and without an end token.
        """
        shown = [index for index, token in enumerate(tokens) if token.text]
        logs = self._logs[shown[0] : shown[-1] + 1] if shown else []
        return (sum(logs) / len(logs), min(logs)) if logs else None

    def _times(self) -> Times:
        total = self.clock() - self._started
        first = total if self._first_time is None else self._first_time
        draft, verify = self._tally.draft_time, self._tally.verify_time - self._prompt_pass
        host = total - self._prompt_time - draft - verify
        return Times(*(1000.0 * part for part in (self._prompt_time, first, total, draft, verify, host)))
