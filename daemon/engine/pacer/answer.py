"""One answer under the pacer: a decision for each round, and what each round taught."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .control import Control
from .course import Course, cost_of
from .decision import Pacer
from .lessons import Drafted, Lesson, teach
from .proof import Account, Saved
from .round import PLAIN, Done, Offer, Plan, Rules, Situation, Start
from .signals import (
    AGREES,
    HIT,
    MISSED,
    NEW,
    TRAITS,
    Source,
    agreement,
    confidence_bin,
    match_bin,
)
from .stopping import Prices, Stopping, best_length, level_of, log_chance

ABSORBED = 4
"""Tokens of backlog that a draft reads along with its first step at no price."""
EDGE_RATE = 1.0 / 64.0
"""Part of a running mean that one round is."""
HERE = 0.5
"""How much of what a draft model promises is taken from this round; the rest is from the rounds before."""
HOPED_CHANCE, HOPED_COST = 0.9, 0.25
"""What a lost draft model is taken for when a probe is considered: its acceptance, its cost's part."""
PATIENCE = 4
"""Tokens between two rounds that consider to have the draft model read a long backlog."""
UNMEASURED = 4
"""Steps of a draft model that was asked for by name before its time is known."""
SHORT_STEP = 1.0
"""Milliseconds of a plain step below which nothing is learnt between rounds: learning takes part of one."""
MOST_LESSONS = 64
"""Rounds from which something is to be learnt that may wait."""
SURE_MATCH = 4
"""Match from which lookup is used where decisions may not depend on time."""


@dataclass(slots=True)
class Answer:
    """The rounds of one answer; ``mode`` is "line" or "block", ``limit`` the most tokens it may have.

    ``starts`` are those rounds that the draft model took no part in; after one where it did there are none.
    """

    pacer: Pacer
    language: str
    mode: str
    rules: Rules
    limit: int
    account: Account = field(default_factory=Account)
    course: Course = field(default_factory=Course)
    control: Course = field(default_factory=Course)
    starts: list[Start] = field(default_factory=list)
    _at: Situation = field(default_factory=lambda: Situation(0, 0, 0))
    _plan: Plan = PLAIN
    _context: int = 0
    _prices: Prices | None = None
    _stopping: Stopping | None = None
    _drafted: list[Drafted] = field(default_factory=list)
    _log_survival: float = 0.0
    _forced_plain: bool = False
    _forgone: float = 0.0
    _wait: int = 0  # for so many tokens with the question whether the draft model shall read a long backlog
    _fates: dict[Source, int] = field(default_factory=dict)
    _lessons: list[Lesson] = field(default_factory=list)

    def plan(self, at: Situation) -> Plan:
        """The drafter and length with the least expected time for each token still expected."""
        self._at = at
        self._context = self.pacer.acceptance.context(self.language, at.kind)
        self._drafted = []
        self._log_survival = 0.0
        self._stopping = None
        self._forced_plain = False
        if self._prices is not None and not at.offers and not self._considers_draft(at):
            self._plan = PLAIN
            return PLAIN
        self._prices = self.pacer.prices(at.length, self.mode)
        if at.most <= 0:
            self._plan = PLAIN
        elif self.rules.timeless or self.rules.count is not None:
            self._plan = self._fixed(at)
        else:
            self._plan = self._best(at, self._prices)
        return self._plan

    def _fixed(self, at: Situation) -> Plan:
        """A plan that does not depend on time: what was asked for, or lookup where it is sure."""
        least = SURE_MATCH if self.rules.count is None else 0
        most = at.most if self.rules.count is None else min(at.most, self.rules.count)
        if most and self.rules.count is not None and self._may_draft(at):
            return Plan("draft", most)
        for offer in at.offers:
            count = min(len(offer.tokens), most, self.pacer.most)
            if offer.source == "lookup" and offer.source in self.rules.sources and offer.match >= least:
                return Plan(offer.source, count) if count else PLAIN
        return PLAIN

    def _best(self, at: Situation, prices: Prices) -> Plan:
        best, gain = PLAIN, 0.0
        for offer in at.offers:
            if offer.source in self.rules.sources:
                count, offered = best_length(self._chances(offer, at.most), prices)
                if offered > gain:
                    best, gain = Plan(offer.source, count), offered
        if self._considers_draft(at):
            if self.pacer.costs.draft.known:
                best = self._with_draft(at, prices, best, gain)
            elif len(self.rules.sources) == 1:
                return Plan("draft", min(UNMEASURED, at.most))
        if best.source is not None and self.pacer.probes.plain_due:
            self._forced_plain = True
            return PLAIN
        return best

    def _considers_draft(self, at: Situation) -> bool:
        """Whether the draft model may be used in this round; with a long backlog it is asked now and then."""
        return self._may_draft(at) and (at.backlog <= ABSORBED or self.account.tokens >= self._wait)

    def _may_draft(self, at: Situation) -> bool:
        return at.drafts and self.pacer.drafts and "draft" in self.rules.sources

    def _chances(self, offer: Offer, most: int) -> Iterator[float]:
        """The chance of each token of ``offer``, given those before it."""
        chance, extra = self.pacer.acceptance.chance, self._beside(offer)
        for position in range(min(len(offer.tokens), most, self.pacer.most)):
            signal = match_bin(offer.match + position)
            yield chance(offer.source, signal, extra, position, self._context)

    def _beside(self, offer: Offer) -> int:
        """What is known of ``offer`` beside the length of its match."""
        return offer.trait + TRAITS * self._fates.get(offer.source, NEW)

    def _with_draft(self, at: Situation, prices: Prices, best: Plan, gain: float) -> Plan:
        """``best`` or, where it promises more, the draft model; where it does not, now and then a probe."""
        pacer = self.pacer
        fill = 0.0
        if at.backlog > ABSORBED:
            fill, self._wait = pacer.costs.fill(at.backlog), self.account.tokens + PATIENCE
            if not self._could_pay(at, prices, fill):
                return best
        stopping = pacer.stopping(self.mode, prices, accompanied=bool(at.offers))
        count = min(stopping.steps[0][0], at.most)
        better = stopping.gain - gain
        pacer.edge += EDGE_RATE * (max(0.0, better) / prices.verify[1] - pacer.edge)
        if count and better > 0 and (not fill or self._worth(better, prices.verify[1]) > fill):
            self._stopping = stopping
            return Plan("draft", count)
        step = min(prices.draft[pacer.calls[0]], pacer.costs.draft.last(pacer.calls[0], at.length))
        excess = step + prices.verify[2] - prices.verify[1] + fill + gain
        if pacer.probes.affordable(excess / prices.verify[1]) and (fill or self._could_pay(at, prices, 0.0)):
            self._forgone = gain
            return Plan("draft", min(pacer.calls[0], at.most), probe=True)
        return best

    def _worth(self, better: float, plain: float) -> float:
        """Milliseconds that the draft model would save in the rest of the answer, had it read the prompt.

        Rounds to come are taken to lie between this one and the usual one.
        """
        pacer = self.pacer
        return (HERE * better + (1.0 - HERE) * pacer.edge * plain) * self._left() / pacer.round_yield

    def _could_pay(self, at: Situation, prices: Prices, fill: float) -> bool:
        """Whether a draft model that has become far better and faster would be worth reading the prompt."""
        reward = best = 0.0
        tokens = 1.0
        for count in range(1, min(at.most, self.pacer.most) + 1):
            reward += (HOPED_CHANCE * prices.live) ** count * prices.token
            cost = HOPED_COST * prices.draft[count] + prices.verify[count + 1] - prices.verify[1]
            if reward - cost > best:
                best, tokens = reward - cost, 1.0 + reward / prices.token
        return best * max(1.0, self._left() / tokens) > fill

    def _left(self) -> float:
        """Tokens still expected: answers end at any time, whatever was written, and at the limit."""
        return min(self.pacer.lengths.usual(self.mode), float(self.limit - self.account.tokens))

    def more(self, tokens: Sequence[int], confidences: Sequence[float]) -> int:
        """Take what a call of the draft loop drafted: how many steps the next one shall have, 0 for none.

        ``confidences`` are the draft model's own probabilities of its ``tokens``.
        """
        for token, confidence in zip(tokens, confidences, strict=True):
            signal, extra = confidence_bin(confidence), self._extra(token)
            position = len(self._drafted)
            chance = self.pacer.acceptance.chance("draft", signal, extra, position, self._context)
            self._drafted.append((token, signal, extra, chance))
            if self._prices is not None:
                self._log_survival += log_chance(chance * self._prices.live)
        count = len(self._drafted)
        if self._stopping is None or count >= min(self._at.most, self.pacer.most):
            return 0
        wanted = self._stopping.steps[count][level_of(self._log_survival)]
        return min(wanted, self._at.most - count)

    def _extra(self, token: int) -> int:
        """Whether the first offer agrees with ``token``, as long as it agreed with all before."""
        offered = self._at.offers[0].tokens if self._at.offers else ()
        agreed = all(drafted[2] == AGREES for drafted in self._drafted)
        return agreement(offered, len(self._drafted), token, agreed=agreed)

    def keep(self) -> int:
        """How many of the tokens the draft model drafted to verify."""
        if self._stopping is None or self._prices is None:
            return len(self._drafted)
        return best_length([chance for _, _, _, chance in self._drafted], self._prices)[0]

    def learn(self, done: Done) -> None:
        """Take what the round planned last did and cost."""
        prices = self._prices
        if prices is None or self.rules.timeless:
            return
        self._note_start(done)
        self._settle(done, prices)
        beside = [(offer, self._beside(offer)) for offer in self._at.offers]
        self._lessons.append(Lesson(self._at.length, self._context, beside, self._drafted, done))
        drafted = done.kept > 0 or bool(done.calls)
        if drafted:
            self._account_for(done, prices)
        else:
            self._spend(done, 1.0, 0.0)
        told = self._follow_fates(done.emitted[0]) or drafted
        if len(self._lessons) >= MOST_LESSONS or (told and prices.verify[1] >= SHORT_STEP):
            self.catch_up()

    def _account_for(self, done: Done, prices: Prices) -> None:
        """Book what a round with drafts cost."""
        pacer = self.pacer
        plain, verify = prices.verify[1], cost_of(prices.verify, done.kept + 1)
        fill = pacer.costs.fill(done.fill[0])
        cost = verify + fill + sum([cost_of(prices.draft, steps) for steps, _ in done.calls])
        if self._plan.probe:
            extra = done.drafting / pacer.costs.pace + verify - plain + self._forgone
            pacer.probes.charge(extra / plain - pacer.price.ratio * done.accepted)
        self._spend(done, cost / plain, fill / plain)

    def _follow_fates(self, came: int) -> bool:
        """Note which offers began with the token that came out; whether any did."""
        hit = False
        for offer in self._at.offers:
            right = bool(offer.tokens) and offer.tokens[0] == came
            self._fates[offer.source] = HIT if right else MISSED
            hit = hit or right
        return hit

    def catch_up(self) -> None:
        """Learn from the rounds whose lessons could wait."""
        for lesson in self._lessons:
            teach(self.pacer, lesson)
        self._lessons.clear()

    def learn_plain(self, length: int, ms: float | None, used: int) -> None:
        """Take a round for which nothing was looked for, of so many tokens of context; ``ms`` None where the
        pass also read the prompt. Costs learn nothing from it: they are compared among rounds with drafts.
        """
        pacer = self.pacer
        if self.rules.timeless:
            return
        self.control.add_pass(ms, pacer.costs.plain(length), used)
        self.account.tokens += used
        pacer.probes.round(plain=True)
        pacer.chosen["none"] += 1

    def _note_start(self, done: Done) -> None:
        if done.calls:
            self.starts.clear()
        elif not self.course.drafting:
            self.starts.append(Start(self._at.length, self._context, self._at.offers))

    def _spend(self, done: Done, cost: float, fill: float) -> None:
        """Book a round that cost so many plain steps, ``fill`` of them for the draft's backlog."""
        pacer = self.pacer
        pacer.probes.earn(cost)
        if self.rules.free and not self._plan.probe and not self._forced_plain:
            pacer.price.add(cost - fill, len(done.emitted))
            if self._plan.source == "draft":
                pacer.probes.needless()
        pacer.probes.round(plain=done.kept == 0)
        pacer.chosen[self._plan.source or "none"] += 1
        pacer.round_yield += EDGE_RATE * (len(done.emitted) - pacer.round_yield)

    def _settle(self, done: Done, prices: Prices) -> None:
        """Book what the round brought and took."""
        self.course.add(done, prices.verify)
        account = self.account
        account.tokens += done.used
        account.tested += min(done.kept, done.accepted + 1)
        account.accepted += done.accepted

    def end(self, *, ended: bool) -> Saved | None:
        """The answer is complete, or was cut short (not ``ended``): what it saved, if that is known."""
        if not self.account.tokens:
            return None
        pacer = self.pacer
        pacer.lengths.add(self.mode, self.account.tokens, ended=ended)
        self._balance()
        return pacer.proof.close(self.account)

    def compare(self, control: Control) -> None:
        """The rounds to be compared have been made, or the answer ended before."""
        if self.course.telling and self.control.telling:
            ratio = self.control.level(1.0) / self.course.level(1.0)
            self.pacer.proof.baseline.beside(ratio, first=control.first)

    def _balance(self) -> None:
        """Fill in the account what the answer took, and what it would have taken without drafts."""
        pacer, account, course, control = self.pacer, self.account, self.course, self.control
        baseline, pace = pacer.proof.baseline, pacer.costs.pace
        level = course.level(pace)
        plain = level * baseline.ratio * course.plain
        actual = course.actual(level, baseline.ratio)
        if self.rules.all and course.telling:
            pacer.gate.add(self.mode, self.limit, plain, actual)
        alone = control.actual(control.level(pace), 1.0)
        account.answers = 1
        account.plain, account.actual = plain + alone, actual + alone
