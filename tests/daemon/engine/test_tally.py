"""Counts over the rounds of a completion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.drafting import NOTHING, Proposal
from ....daemon.engine.rounds import Round
from ....daemon.engine.tally import Tally


def done(drafted: int, accepted: int, draft_time: float = 0.0, verify_time: float = 0.0) -> Round:
    """A round that kept the first ``accepted`` of the tokens it drafted."""
    proposal = Proposal(list(range(drafted)), "draft") if drafted else NOTHING
    emitted = [*range(accepted), 99]
    return Round(proposal, accepted, emitted, 1, [-0.5] * len(emitted), draft_time, verify_time)


def tally(*rounds: Round) -> Tally:
    counts = Tally()
    for each in rounds:
        counts.add(each)
    return counts


COUNTS = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: (max(pair), min(pair)))


@given(st.lists(COUNTS, max_size=20))
def test_each_position_is_counted_as_often_as_it_was_reached(counts: list[tuple[int, int]]) -> None:
    found = tally(*(done(*count) for count in counts))
    for position, (tested, accepted) in enumerate(found.by_position):
        assert tested == sum(position < drafted and position <= kept for drafted, kept in counts) > 0
        assert accepted == sum(position < kept for _, kept in counts)
    assert found.tested == sum(tested for tested, _ in found.by_position)
    assert found.accepted == sum(accepted for _, accepted in found.by_position)
    assert (found.drafted, found.passes) == (sum(drafted for drafted, _ in counts), len(counts))


@pytest.mark.parametrize(
    ("drafted", "accepted", "tested"), [(0, 0, 0), (4, 0, 1), (4, 2, 3), (4, 3, 4), (4, 4, 4)]
)
def test_tested_is_what_was_judged_up_to_the_first_rejection(
    drafted: int, accepted: int, tested: int
) -> None:
    assert tally(done(drafted, accepted)).tested == tested


def test_times_add_up() -> None:
    found = tally(done(2, 1, 0.25, 0.5), done(0, 0, 0.0, 0.125))
    assert (found.draft_time, found.verify_time) == (0.25, 0.625)


def test_completions_do_not_share_their_counts() -> None:
    one, other = tally(done(2, 2)), Tally()
    assert one.by_position == [[1, 1], [1, 1]]
    assert other.by_position == []
