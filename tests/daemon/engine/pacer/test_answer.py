"""The rounds of an answer: what is planned for those that are still to come."""

from .....daemon.engine.pacer.answer import Answer
from .....daemon.engine.pacer.costs import Costs
from .....daemon.engine.pacer.decision import Pacer
from .....daemon.engine.pacer.round import Done, Rules, Situation

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


def test_what_choosing_takes_is_no_part_of_plain_decoding() -> None:
    """Rounds of 1.5 ms of which choosing took 0.5: had nobody chosen, they would have taken 1."""
    pacer = Pacer(MOST, Costs(MOST), drafts=False)
    for _ in range(20):
        answer = Answer(pacer, "python", "block", Rules(), 50)
        for _ in range(50):
            answer.plan(Situation(100, MOST, 0))
            answer.learn(Done([], 0, 0, [99], 1, 1.5, choosing=0.5))
        saved = answer.end(ended=True)
    assert saved is not None
    assert -30.0 < saved.ms < -20.0
    assert not pacer.gate.opens("block", 50)
