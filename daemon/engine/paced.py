"""The pacer at work in a request: plans each round, runs the drafter it picked, reports what came of it."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .draft_model import DraftModel
from .drafting import NOTHING, Cancelled, Interrupted, Proposal
from .lookup import Lookup
from .pacer.answer import ABSORBED, Answer
from .pacer.control import Control
from .pacer.position import Position
from .pacer.proof import Saved
from .pacer.round import Done, Offer, Plan, Situation
from .plain import Plain
from .replay import Replay
from .rounds import Clock, Round
from .text import TextStream


@dataclass(slots=True)
class Paced:
    """A drafter of drafters. ``text`` gives the bytes of a token; the drafters are those that may be used;
    ``control`` says which rounds are plain, to compare the others with.
    """

    answer: Answer
    position: Position
    text: Callable[[int], bytes]
    lookup: Lookup | None = None
    replays: Sequence[Replay] = ()
    draft: DraftModel | None = None
    control: Control | None = None
    clock: Clock = time.perf_counter
    _plain: Plain = field(init=False)
    _alone: bool = False
    _unread: list[int] = field(default_factory=list)
    _stream: TextStream = field(default_factory=TextStream)
    _drafted: Sequence[int] = ()
    _calls: list[tuple[int, float]] = field(default_factory=list)
    _fill: tuple[int, float] = (0, 0.0)
    _planned: bool = False
    _begun: float = 0.0
    _choosing: float | None = None  # milliseconds of the first offers and plan, whose preparations take time
    _learning: float = 0.0  # milliseconds after the last round

    def __post_init__(self) -> None:
        self._plain = Plain(self.answer, self.clock)

    def propose(self, tokens: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:
        """What the pacer's choice of drafter proposes, cut to what is worth verifying."""
        self._begun = self.clock()
        if self.control is not None and self._is_plain(self.control):
            return self._plain.propose(tokens, k, cancelled)
        self._calls, self._fill, self._drafted = [], (0, 0.0), ()
        backlog = 0 if self.draft is None else self.draft.backlog(tokens)
        offers = self._offers(tokens, k)
        drafts = self.draft is not None and self.draft.room(tokens) >= k
        plan = self.answer.plan(Situation(len(tokens), k, self.position.kind, backlog, offers, drafts))
        self._planned = True
        self._choosing = 1000.0 * (self.clock() - self._begun) if self._choosing is None else 0.0
        if plan.source == "draft" and self.draft is not None:
            return self._run_draft(self.draft, tokens, plan, cancelled)
        for offer in offers:
            if offer.source == plan.source:
                self._drafted = offer.tokens[: plan.count]
                return Proposal(list(self._drafted), offer.source)
        return NOTHING

    def _is_plain(self, control: Control) -> bool:
        """Whether the round that begins is a plain one of the control, which ends after its last."""
        if control.over:
            self.answer.compare(control)
            self.control = None
        self._alone = not control.over and control.begin()
        if not self._alone:
            self._follow(self._unread)
            self._unread.clear()
        return self._alone

    def _offers(self, tokens: Sequence[int], k: int) -> list[Offer]:
        if self.lookup is None:
            return []
        found = self.lookup.offer(tokens, k)
        offers = [] if found is None else [found]
        for replay in self.replays:
            following = replay.following(k)
            if following:
                offers.append(Offer("replay", following, replay.matched))
                break
        return offers

    def _run_draft(
        self, draft: DraftModel, tokens: Sequence[int], plan: Plan, cancelled: Cancelled
    ) -> Proposal:
        if not draft.greedy:
            proposal = draft.propose(tokens, plan.count, cancelled)
            self._drafted = proposal.tokens
            return proposal
        self._read(draft, tokens, cancelled)
        drafted: list[int] = []
        sure: list[float] = []
        steps = plan.count
        while steps > 0:
            if cancelled():
                raise Interrupted
            started = self.clock()
            choices = draft.run(tokens, drafted, min(steps, draft.at_once))
            self._calls.append((len(choices), 1000.0 * (self.clock() - started)))
            found = [choice.token for choice in choices]
            confidences = [math.exp(choice.log_probability) for choice in choices]
            drafted += found
            sure += confidences
            steps = max(steps - len(found), self.answer.more(found, confidences))
        self._drafted = drafted
        keep = self.answer.keep()
        return Proposal(drafted[:keep], "draft", confidences=tuple(sure[:keep])) if keep else NOTHING

    def _read(self, draft: DraftModel, tokens: Sequence[int], cancelled: Cancelled) -> None:
        """Have the draft read a long backlog, apart from its steps, so that both are timed rightly."""
        backlog = draft.backlog(tokens)
        if backlog > ABSORBED:
            started = self.clock()
            draft.read(tokens, cancelled)
            self._fill = (backlog, 1000.0 * (self.clock() - started))

    def learn(self, done: Round, used: int) -> None:
        """A round is over and ``used`` of its tokens went into the answer.

        What a round takes beside drafting counts as its target pass: fewer rounds save all of it.
        """
        if self._alone:
            self._plain.learn(done, used)
            self._unread += done.emitted
            return
        ended = self.clock()
        if self._planned:
            choosing = self._choosing or 0.0
            drafting = sum(ms for _, ms in self._calls) + self._fill[1]
            round_ms = 1000.0 * (ended - self._begun) + self._learning
            self.answer.learn(
                Done(
                    proposed=self._drafted,
                    kept=len(done.proposal.tokens),
                    accepted=done.accepted,
                    emitted=done.emitted,
                    used=used,
                    verify=round_ms - drafting - choosing if done.read == 1 else None,
                    calls=self._calls,
                    fill=self._fill,
                    choosing=choosing,
                )
            )
        self._planned = False
        self._follow(done.emitted)
        self._learning = 1000.0 * (self.clock() - ended)

    def _follow(self, emitted: Sequence[int]) -> None:
        """Keep up with what was written."""
        for token in emitted:
            self.position.feed(self._stream.feed(self.text(token)))
        for replay in self.replays:
            replay.follow(emitted)

    def end(self, *, ended: bool) -> Saved | None:
        """The answer is complete, or was cut short; what it saved."""
        if self.control is not None:
            self.answer.compare(self.control)
        return self.answer.end(ended=ended)
