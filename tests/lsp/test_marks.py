"""Pieces followed through changes, and how much of a text is left."""

from hypothesis import given
from hypothesis import strategies as st

from ...lsp.marks import LARGEST, find, kept
from ...lsp.text import ENCODINGS, Text

UTF16 = ENCODINGS["utf-16"]


def text(content: str) -> Text:
    """A document's text."""
    return Text.of(content, UTF16)


def test_a_piece_is_found_by_its_text_whatever_the_line_ends() -> None:
    mark = find(text("a\r\none\r\ntwo\r\nb"), 3, "one\ntwo")
    assert mark is not None
    assert mark.text == "one\ntwo"
    assert find(text("a\none\ntoo"), 2, "one\ntwo") is None
    assert find(text("a"), 1, "one") is None


@given(st.integers(0, 12), st.integers(0, 12), st.text("xyz\n", max_size=5))
def test_a_mark_follows_its_piece(start: int, end: int, new: str) -> None:
    """Against digits that are each there once: all that are left of the piece stay in the mark."""
    before = text("abc0123456def")
    mark = find(before, 3, "0123456")
    assert mark is not None
    now = before.replace(start, max(start, end), new)
    mark.move(now)
    left = [digit for digit in "0123456" if digit in str(now)]
    assert [digit for digit in mark.text if digit.isdigit()] == left
    outside = set("abcdef") & set(mark.text)
    assert not outside, "nothing from around it"


def test_what_is_put_in_beside_a_piece_is_not_of_it() -> None:
    before = text("(piece)")
    mark = find(before, 1, "piece")
    assert mark is not None
    for now in (before.replace(6, 6, " more"), before.replace(6, 6, " more").replace(1, 1, "some ")):
        mark.move(now)
        assert mark.text == "piece"


def test_kept_counts_words_that_are_left_in_order() -> None:
    assert kept("value = call(a)", "if x: value = call(a)") == 15
    assert kept("value = call(a)", "value = other(a)") == 11
    assert kept("value = call(a)", "") == 0
    assert kept("b a", "a b") == 1
    assert kept("x" * LARGEST * 2, "x" * LARGEST * 2) == LARGEST
