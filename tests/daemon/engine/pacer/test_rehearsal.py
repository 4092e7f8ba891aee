"""Judging proposals that were never made."""

import math

from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.pacer.costs import Costs
from .....daemon.engine.pacer.decision import Pacer
from .....daemon.engine.pacer.rehearsal import rehearse
from .....daemon.engine.pacer.round import Offer, Start
from .....daemon.engine.pacer.signals import AGREES, ALONE, DIFFERS
from .....models.base import Choice

MOST = 4
PROMPT = [7, 7, 7]
Learnt = tuple[int, int, bool]


def _told(answer: list[int], said: list[int], starts: list[Start]) -> list[Learnt]:
    """(extra, position, accepted) of each token judged."""
    pacer = Pacer(MOST, Costs(MOST))
    heard: list[Learnt] = []

    def learn(source: str, signal: int, extra: int, position: int, context: int, *, accepted: bool) -> None:
        assert (source, context) == ("draft", 5)
        heard.append((extra, position, accepted))

    pacer.acceptance.learn = learn  # type: ignore[method-assign]
    choices = [Choice(token, math.log(0.5)) for token in said]
    tested = rehearse(pacer, starts, [*PROMPT, *answer], len(PROMPT), choices)
    assert tested == len(heard)
    return heard


def _start(at: int, *offered: int) -> Start:
    return Start(len(PROMPT) + at, 5, [Offer("lookup", offered, 3)] if offered else [])


def test_a_proposal_ends_with_the_first_wrong_token_and_the_next_begins_after_it() -> None:
    starts = [_start(at) for at in range(6)]
    assert _told([1, 2, 3, 4, 5, 6], [1, 2, 0, 4, 0, 6], starts) == [
        (ALONE, 0, True),
        (ALONE, 1, True),
        (ALONE, 2, False),
        (ALONE, 0, True),
        (ALONE, 1, False),
        (ALONE, 0, True),
    ]


def test_a_proposal_is_no_longer_than_a_draft_may_be() -> None:
    starts = [_start(at) for at in range(6)]
    assert [position for _, position, _ in _told([1] * 6, [1] * 6, starts)] == [0, 1, 2, 3, 0, 1]


def test_lookup_agrees_until_it_differs() -> None:
    assert [extra for extra, _, _ in _told([1, 2, 3, 4], [1, 2, 3, 4], [_start(0, 1, 9, 3)])] == [
        AGREES,
        DIFFERS,
        ALONE,
        ALONE,
    ]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30),
    st.sets(st.integers(0, 40)),
)
def test_no_token_is_judged_twice_and_every_verdict_is_true(
    tokens: list[tuple[int, int]], starts: set[int]
) -> None:
    answer, said = [own for own, _ in tokens], [drafted for _, drafted in tokens]
    heard = _told(answer, said, [_start(at) for at in sorted(starts)])
    assert len(heard) <= len(tokens)
    assert sum(accepted for _, _, accepted in heard) <= sum(own == drafted for own, drafted in tokens)
