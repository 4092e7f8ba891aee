"""What the user did last, told from versions of the text."""

import pytest

from ....lsp.moment import Activity, Watch
from ....lsp.text import ENCODINGS, Text


def text_of(content: str) -> Text:
    """A text in the usual encoding."""
    return Text.of(content, ENCODINGS["utf-16"])


def watched(*versions: str, changes: int = 1) -> list[str]:
    """The kinds of activity that lead from each version to the next."""
    watch = Watch(text_of(versions[0]))
    return [watch.changed(text_of(version), changes).kind for version in versions[1:]]


@pytest.mark.parametrize(
    ("versions", "kinds"),
    [
        (("a", "ab", "abc"), ["typed", "typed"]),
        (("f", "f()"), ["typed"]),
        (("abc", "ab", "a"), ["deleted", "deleted"]),
        (("a\nb\nc", "a\nc"), ["deleted"]),
        (("a", "ab", "a", "ab"), ["typed", "deleted", "typed"]),
        (("a", "a word", "a", "a word"), ["typed", "deleted", "undone"]),
        (("x = 1", "x = ", "x = 1"), ["deleted", "typed"]),
        (("one two", "one", "one two"), ["deleted", "undone"]),
        (("a b", "a c", "a b"), ["typed", "undone"]),
        (("a", "a\n    ", "a", "a\n    "), ["typed", "deleted", "typed"]),
        (("abc", "xyz"), ["typed"]),
    ],
)
def test_kinds(versions: tuple[str, ...], kinds: list[str]) -> None:
    assert watched(*versions) == kinds


def test_several_cursors() -> None:
    assert watched("a\nb\nc", "ax\nbx\ncx", changes=3) == ["several"]
    assert watched("a\nb\nc", "a\nb\nc", changes=3) == ["none"], "nothing changed"
    assert watched("a\nb", "a\nb = 1", changes=4) == ["typed"], "keys typed in a row, sent at once"
    assert watched("a\nb\nc", "a\nc", changes=2) == ["deleted"]


def test_where_it_was() -> None:
    watch = Watch(text_of("ab"))
    assert watch.last == Activity() and watch.last.is_at(77)
    last = watch.changed(text_of("axyb"))
    assert (last.start, last.end) == (1, 3)
    assert [last.is_at(offset) for offset in range(5)] == [False, True, True, True, False]
    assert watch.changed(text_of("ab")) == Activity("deleted", 1, 1)
    assert watch.last is watch.changed(text_of("ab"))


def test_versions_long_gone_are_forgotten() -> None:
    content = "start"
    watch = Watch(text_of("start with more"))
    watch.changed(text_of(content))
    for _ in range(40):
        content += "x"
        watch.changed(text_of(content))
    assert watch.changed(text_of("start with more")).kind == "typed"


def test_an_undo_in_a_long_text() -> None:
    text = text_of("line\n" * 20_000)
    watch = Watch(text)
    longer = text.replace(50_000, 50_000, "a word")
    assert watch.changed(longer).kind == "typed"
    assert watch.changed(longer.replace(50_000, 50_006, "")).kind == "deleted"
    assert watch.changed(text.replace(50_000, 50_000, "a word")).kind == "undone"
