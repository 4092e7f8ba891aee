"""Replay: the last suggestion after typing and deleting, and removed text, on token ids."""

from hypothesis import assume, given
from hypothesis import strategies as st

from ....daemon.engine.replay import DOCUMENTS, Memory, Replay, Source, Text, removed

TOKENS = st.lists(st.integers(0, 500), max_size=40)
SOME = st.lists(st.integers(0, 500), min_size=1, max_size=40)


def first(before: list[int], suggestion: list[int], now: list[int]) -> list[int]:
    """What the likeliest source proposes at ``now`` after ``suggestion`` was given at ``before``."""
    memory = Memory()
    assert memory.recall("a.py", Text(before, [])) == []
    memory.suggested("a.py", suggestion)
    sources = memory.recall("a.py", Text(now, []))
    return Replay(sources[0], now).following(100) if sources else []


@given(TOKENS, SOME, st.data())
def test_typing_along_leaves_the_rest(before: list[int], suggestion: list[int], data: st.DataObject) -> None:
    typed = data.draw(st.integers(0, len(suggestion)))
    assert first(before, suggestion, before + suggestion[:typed]) == suggestion[typed:]


@given(SOME, SOME, st.data())
def test_deleted_text_comes_first_and_then_the_suggestion(
    before: list[int], suggestion: list[int], data: st.DataObject
) -> None:
    left = data.draw(st.integers(0, len(before)))
    assert first(before, suggestion, before[:left]) == before[left:] + suggestion


@given(TOKENS, st.lists(st.integers(0, 500), min_size=4, max_size=40, unique=True), st.data())
def test_after_another_word_the_suggestion_goes_on(
    before: list[int], suggestion: list[int], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(suggestion) - 3))
    now = [*before, *suggestion[:at], 999, *suggestion[at + 1 : at + 3]]
    assert first(before, suggestion, now) == suggestion[at + 3 :]


@given(TOKENS, SOME, TOKENS)
def test_proposals_are_pieces_of_the_source(
    context: list[int], tokens: list[int], emitted: list[int]
) -> None:
    replay = Replay(Source(tuple(tokens), None), context)
    for token in emitted:
        replay.follow([token])
        found = replay.following(5)
        assert len(found) <= 5
        assert not found or any(
            tokens[start : start + len(found)] == found for start in range(1, len(tokens) + 1)
        )


@given(SOME, st.integers(0, 40))
def test_while_the_source_is_followed_it_is_proposed(tokens: list[int], steps: int) -> None:
    steps = min(steps, len(tokens))
    replay = Replay(Source(tuple(tokens), 0))
    replay.follow(tokens[:steps])
    assert replay.following(100) == tokens[steps:]
    assert replay.matched == 2 + steps


@given(TOKENS, st.lists(st.integers(0, 500), min_size=2, max_size=40), TOKENS)
def test_what_was_taken_out_is_found(head: list[int], gone: list[int], tail: list[int]) -> None:
    rest = [*range(1000, 1012), *tail]
    assume(gone[0] != rest[0])
    old = Text(head, [*gone, *rest])
    assert removed(old, Text(head, rest)) == tuple(gone)


@given(TOKENS, st.lists(st.integers(600, 900), max_size=40), TOKENS)
def test_typing_removes_nothing(before: list[int], typed: list[int], after: list[int]) -> None:
    rest = [*range(1000, 1012), *after]
    assert removed(Text(before, rest), Text(before + typed, rest)) == ()


def test_cut_text_is_proposed_where_it_was_and_found_again_elsewhere() -> None:
    block, tail = list(range(100, 120)), list(range(200, 230))
    memory = Memory()
    memory.recall("a.py", Text([1, 2, 3, *block], tail))
    there = memory.recall("a.py", Text([1, 2, 3], tail))
    assert [Replay(source, [3]).following(3) for source in there][-1] == block[:3]
    elsewhere = memory.recall("a.py", Text([1, 2, 3, *tail, 100, 101], []))
    assert Replay(elsewhere[-1], [100, 101]).following(3) == block[2:5]


def test_documents_do_not_mix_and_the_oldest_is_forgotten() -> None:
    memory = Memory()
    memory.recall("a.py", Text([1], []))
    memory.suggested("a.py", [2, 3])
    assert memory.recall("b.py", Text([1], [])) == []
    for number in range(DOCUMENTS):
        memory.recall(f"{number}.py", Text([1], []))
    assert memory.recall("a.py", Text([1], [])) == []
