"""The change between two versions of a text."""

from hypothesis import given
from hypothesis import strategies as st

from ...lsp.difference import common_start, difference
from ...lsp.text import ENCODINGS, Text

SHORT = st.text("ab\n\r😀", max_size=12)


def text_of(content: str) -> Text:
    """A text in the usual encoding."""
    return Text.of(content, ENCODINGS["utf-16"])


@given(SHORT, SHORT)
def test_the_difference_makes_one_of_the_other(before: str, after: str) -> None:
    made = difference(text_of(before), text_of(after))
    if made is None:
        assert before == after
        return
    assert before[: made.start] + made.inserted + before[made.start + len(made.removed) :] == after
    assert before[made.start : made.start + len(made.removed)] == made.removed
    assert not (made.removed and made.inserted and made.removed[0] == made.inserted[0])
    assert made.end == made.start + len(made.inserted)


@given(st.integers(0, 40_000), st.integers(0, 30), st.text("xy\n", max_size=6))
def test_in_a_long_text_the_edit_is_found(start: int, removed: int, inserted: str) -> None:
    before = text_of("".join(f"line {number} of many\n" for number in range(2000)))
    start = min(start, len(before))
    end = min(start + removed, len(before))
    after = before.replace(start, end, inserted)
    made = difference(before, after)
    content = str(before)
    if made is None:
        assert str(after) == content
    else:
        assert len(made.removed) <= removed and len(made.inserted) <= len(inserted)
        assert content[: made.start] + made.inserted + content[made.start + len(made.removed) :] == str(after)


def test_a_version_has_no_difference_from_itself() -> None:
    text = text_of("a\n" * 10_000)
    assert difference(text, text) is None
    assert difference(text, text_of("a\n" * 10_000)) is None


@given(st.text("ab", max_size=9), st.text("ab", max_size=9))
def test_common_start(one: str, other: str) -> None:
    size = common_start(one, other)
    assert one[:size] == other[:size]
    assert one[size : size + 1] != other[size : size + 1] or one == other
