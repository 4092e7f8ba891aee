"""The lookup drafter against a slow and obvious search."""

from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.lookup import Lookup
from ....daemon.engine.matching import BARRIER, LONGEST


def never() -> bool:
    return False


def obvious(history: list[int], k: int, least: int) -> list[int]:
    best, found = least - 1, None
    for start in range(1, len(history)):
        length = 0
        while length < min(start, LONGEST) and history[start - 1 - length] == history[-1 - length] != BARRIER:
            length += 1
        if length > 0 and length >= max(best, least):
            best, found = length, start
    if found is None:
        return []
    following = history[found : found + k]
    return following[: following.index(BARRIER)] if BARRIER in following else following


TOKENS = st.lists(st.integers(BARRIER, 3), max_size=60)


@given(TOKENS, st.lists(st.integers(0, 3), max_size=20), st.integers(1, 8), st.integers(1, 4))
def test_equals_an_obvious_search(known: list[int], generated: list[int], k: int, least: int) -> None:
    prompt = [7, 8, 9]
    lookup = Lookup(known, len(prompt), least)
    for upto in range(len(generated) + 1):
        history = known + generated[:upto]
        drafted = lookup.propose(prompt + generated[:upto], k, never).tokens
        assert drafted == obvious(history, k, least)


def test_longest_match_wins_over_the_latest() -> None:
    known = [1, 2, 3, 10, BARRIER, 9, 3, 11, BARRIER, 1, 2, 3]
    assert Lookup(known, 0, 1).propose([], 1, never).tokens == [10]


def test_latest_of_equal_matches_wins() -> None:
    assert Lookup([3, 10, 3, 11, 3], 0, 1).propose([], 1, never).tokens == [11]
