"""The rounds of an answer: what is planned for those that are still to come."""

import pytest

from .....daemon.engine.pacer.answer import Answer
from .....daemon.engine.pacer.control import Control
from .....daemon.engine.pacer.costs import Costs
from .....daemon.engine.pacer.decision import Pacer
from .....daemon.engine.pacer.round import Done, Offer, Rules, Situation

MOST, BACKLOG = 8, 400
LONG = 300


def _round(answer: Answer) -> None:
    """One round whose draft, if there is one, is accepted as a whole."""
    plan = answer.plan(Situation(100, MOST, 0))
    drafted: list[int] = []
    steps = plan.count if plan.source == "draft" else 0
    while steps:
        found = list(range(len(drafted), len(drafted) + steps))
        drafted += found
        steps = answer.more(found, [0.97] * len(found))
    kept = answer.keep() if drafted else 0
    answer.learn(
        Done(
            proposed=drafted,
            kept=kept,
            accepted=kept,
            emitted=[*drafted[:kept], 99],
            used=kept + 1,
            verify=1.0 + 0.05 * kept,
            calls=[(len(drafted), 0.05 * len(drafted))] if drafted else [],
        )
    )


def _with_a_good_draft() -> Pacer:
    """A pacer that knows a cheap draft model that is right, long answers, and what a prompt costs to read."""
    pacer = Pacer(MOST, Costs(MOST), calls=(1, 2, 4, 8))
    for _ in range(4):
        for extra in range(MOST + 1):
            pacer.costs.verified(1 + extra, 100, 1.0 + 0.05 * extra)
        for steps in range(1, MOST + 1):
            pacer.costs.drafted(steps, 100, 0.05 * steps)
        pacer.costs.filled(BACKLOG, 12.0)
    for _ in range(6):
        answer = Answer(pacer, "python", "block", Rules(), LONG)
        while answer.account.tokens < LONG:
            _round(answer)
        answer.catch_up()
        answer.end(ended=True)
    return pacer


def _chosen(pacer: Pacer, limit: int, backlog: int = BACKLOG) -> str | None:
    answer = Answer(pacer, "python", "block", Rules(), limit)
    return answer.plan(Situation(500, min(MOST, limit - 1), 0, backlog=backlog)).source


def test_a_limit_that_ends_the_answer_soon_does_not_pay_for_reading_the_prompt() -> None:
    pacer = _with_a_good_draft()
    assert _chosen(pacer, LONG) == "draft"
    assert _chosen(pacer, 12) != "draft"
    assert _chosen(pacer, 12, backlog=0) == "draft"


def _answer(pacer: Pacer, ms: float, control: int = 12) -> Answer:
    """An answer of plain rounds of 1 ms, then of 50 rounds of ``ms`` that find nothing to propose."""
    answer = Answer(pacer, "python", "block", Rules(), 100)
    for _ in range(control):
        answer.learn_plain(100, 1.0, 1)
    for _ in range(50):
        answer.plan(Situation(100, MOST, 0))
        answer.learn(Done([], 0, 0, [99], 1, ms))
    answer.compare(Control(control, pacer.proof.baseline.wants_first))
    return answer


def test_what_looking_for_drafts_takes_is_seen_beside_plain_rounds() -> None:
    """Rounds of 1.5 ms where plain ones take 1: a third is lost, though nothing was ever proposed."""
    pacer = Pacer(MOST, Costs(MOST), drafts=False)
    for _ in range(24):
        _answer(pacer, 1.5).end(ended=True)
    saved = _answer(pacer, 1.5, control=0).end(ended=True)
    assert saved is not None
    assert -28.0 < saved.ms < -20.0
    assert saved.high < 0.0
    assert pacer.gate.way("block", 50) == "plain"


def test_an_answer_without_drafts_saves_nothing() -> None:
    pacer = Pacer(MOST, Costs(MOST), drafts=False)
    answer = Answer(pacer, "python", "block", Rules(frozenset()), 50)
    for ms in (1.0, 3.0, 2.0) * 10:
        answer.learn_plain(100, ms, 1)
    saved = answer.end(ended=True)
    assert saved is not None
    assert saved.ms == pytest.approx(0.0)
    assert answer.account.actual == pytest.approx(60.0)


def test_looking_at_the_prompt_counts_though_reading_it_does_not() -> None:
    """The first pass also reads the prompt: only what choosing took in it is the price of speculation."""
    pacer = Pacer(MOST, Costs(MOST), drafts=False)
    for _ in range(4):
        _answer(pacer, 1.0).end(ended=True)
    answer = Answer(pacer, "python", "block", Rules(), 50)
    answer.plan(Situation(100, MOST, 0))
    answer.learn(Done([], 0, 0, [99], 1, None, choosing=3.0))
    answer.end(ended=True)
    assert answer.account.actual == pytest.approx(answer.account.plain + 3.0)


def test_what_nothing_came_of_is_learnt_when_nobody_waits() -> None:
    """The same is known afterwards as if every round had taught at once."""
    pacer = Pacer(MOST, Costs(MOST), drafts=False)
    offer = Offer("lookup", [5, 6], match=3)
    answer = Answer(pacer, "python", "block", Rules(), 50)
    before = pacer.acceptance.curve("lookup")
    for _ in range(12):
        answer.plan(Situation(100, MOST, 0, offers=[offer]))
        answer.learn(Done([], 0, 0, [99], 1, 1.0))
    assert pacer.acceptance.curve("lookup") == before
    answer.end(ended=True)
    answer.catch_up()
    assert pacer.acceptance.curve("lookup")[2] < before[2]
    assert pacer.costs.plain(100) == pytest.approx(1.0, rel=0.01)


def test_a_proposal_that_would_have_been_right_teaches_at_once() -> None:
    pacer = Pacer(MOST, Costs(MOST), drafts=False)
    answer = Answer(pacer, "python", "block", Rules(), 50)
    before = pacer.acceptance.chance("lookup", 1, 0, 0, 0)
    answer.plan(Situation(100, MOST, 0, offers=[Offer("lookup", [99], match=3)]))
    answer.learn(Done([], 0, 0, [99], 1, 1.0))
    assert pacer.acceptance.chance("lookup", 1, 0, 0, 0) > before
