"""The longest earlier match, against a search that tries everything."""

from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.matching import BARRIER, LONGEST, History

TOKENS = st.lists(st.sampled_from([BARRIER, 1, 2, 3]), max_size=60)


def longest(tokens: list[int]) -> tuple[int, int]:
    """By brute force: where the continuation begins, and the length."""
    best = (len(tokens), 0)
    for end in range(1, len(tokens)):
        length = 0
        while (
            length < min(LONGEST, end)
            and tokens[end - 1 - length] == tokens[-1 - length]
            and tokens[-1 - length] != BARRIER
        ):
            length += 1
        if length and length >= best[1]:
            best = (end, length)
    return best


@given(TOKENS, TOKENS)
def test_it_is_the_latest_of_the_longest(first: list[int], second: list[int]) -> None:
    history = History(first)
    history.append(second)
    assert history.length == len(first) + len(second)
    assert history.match()[:2] == longest(first + second)


@given(TOKENS, st.integers(0, 60), st.integers(0, 10))
def test_what_follows_ends_at_a_barrier(tokens: list[int], start: int, count: int) -> None:
    found = History(tokens).following(start, count)
    assert BARRIER not in found
    assert found == tokens[start : start + len(found)]
    rest = tokens[start : start + count]
    assert len(found) == (rest.index(BARRIER) if BARRIER in rest else len(rest))


def test_long_repeats_are_compared_up_to_a_limit() -> None:
    assert History([7] * 200).match() == (199, LONGEST, 1.0)


def test_support_is_the_share_of_places_that_go_on_alike() -> None:
    assert History([1, 5, 1, 6, 1, 5, 1, 5, 2, 1]).match() == (7, 1, 0.75)
