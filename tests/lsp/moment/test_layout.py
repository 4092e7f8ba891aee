"""The lines around a cursor, and the block that their indentation tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....lsp.moment.layout import READ, READ_AHEAD, Scope, Surroundings
from ....lsp.text import ENCODINGS, Text

CURSOR = "¦"


def at(code: str) -> Surroundings:
    """The surroundings of the mark."""
    before, _, after = code.partition(CURSOR)
    return Surroundings.of(Text.of(before + after, ENCODINGS["utf-16"]), len(before))


@pytest.mark.parametrize(
    ("code", "line", "rest"),
    [
        ("¦", "", ""),
        ("a\n¦", "", ""),
        ("a\r\nb¦c\r\nd", "b", "c"),
        ("a\r\nb¦\r\n", "b", ""),
        ("😀x¦y😀", "😀x", "y😀"),
        ("\tx¦  \n", "\tx", "  "),
    ],
)
def test_the_cursors_line(code: str, line: str, rest: str) -> None:
    around = at(code)
    assert (around.line, around.rest) == (line, rest)


@pytest.mark.parametrize(
    ("code", "indent"), [("¦", 0), ("    ¦", 4), ("  ¦  x", 2), ("\t¦x", 8), ("  \tx¦", 8), ("\t  x¦", 10)]
)
def test_the_indentation_is_counted_in_columns_up_to_the_cursor(code: str, indent: int) -> None:
    assert at(code).indent == indent


@pytest.mark.parametrize(
    ("code", "goes_on"),
    [
        ("    ¦\n    a", True),
        ("    ¦\n        a", True),
        ("    ¦\r\n    a\r\n", True),
        ("\t¦\n        a", True),
        ("    ¦\na", False),
        ("    ¦\n\n    a", False),
        ("    ¦\r\n\r\n    a", False),
        ("    ¦\n    }", False),
        ("    ¦\n    ])", False),
        ("¦", False),
        ("¦\n", False),
        ("¦\n\f", False),
    ],
)
def test_whether_the_next_line_goes_on(code: str, goes_on: bool) -> None:
    assert at(code).goes_on_below is goes_on


@pytest.mark.parametrize(
    ("code", "has_body"),
    [
        ("if a:¦\n    b", True),
        ("if a:¦\r\n\r\n\r\n    b", True),
        ("  if a:¦\n\tb", True),
        ("if a:¦\nb\n    c", False),
        ("if a:¦", False),
        ("if a:¦\n   \n", False),
    ],
)
def test_whether_there_is_a_body_already(code: str, has_body: bool) -> None:
    assert at(code).has_body_below is has_body


@pytest.mark.parametrize(
    ("code", "text", "indent"),
    [
        ("a\n  b\n    ¦\n  c\n", "\n    \n", 2),
        ("a\n\tb¦\nc", "\n\tb\n", 0),
        ("a:¦\n  b\n\nc", "\n  b\n\n", 0),
        ("  a {  ¦  \n    b\n  c", "  \n    b\n", 2),
        ("a\r\n  b¦\r\nc", "\r\n  b\r\n", 0),
        ("a\n\n   \n  ¦", "\n\n   \n  ", 0),
        ("a\n😀\n  ¦\n😀", "\n  \n", 0),
    ],
)
def test_the_block_by_indentation(code: str, text: str, indent: int) -> None:
    scope = at(code).scope()
    assert scope is not None
    whole = code.replace(CURSOR, "")
    start = scope.start - (whole[scope.start - 1] == "\r")
    assert (whole[start : scope.end], scope.indent, scope.closed) == (text, indent, False)


@pytest.mark.parametrize("code", ["¦", "a\n¦", "  a\n  ¦", "    a\n  ¦b", "\n\n  ¦"])
def test_at_the_least_indentation_there_is_no_block(code: str) -> None:
    assert at(code).scope() is None


def test_a_comment_further_out_opens_no_block() -> None:
    code = "class A:\n    def f(self):\n        a()\n# old\n        ¦\n"
    inner = at(code).scope(("#",))
    assert inner is not None and inner.indent == 4
    by_any_line = at(code).scope()
    assert by_any_line is not None and by_any_line.indent == 0


def test_far_away_text_is_not_read_and_what_is_read_begins_at_steps() -> None:
    code = "x = 1\n" * (READ // 3)
    text = Text.of(code, ENCODINGS["utf-16"])
    starts = set()
    for offset in range(READ + 7, READ + 5007, 1000):
        around = Surroundings.of(text, offset)
        assert READ <= len(around.before) < READ + READ // 2
        assert len(around.after) == READ_AHEAD
        starts.add(offset - len(around.before))
    assert len(starts) == 1, "the scanner's pieces stay the same while somebody types"


PIECES = st.lists(st.sampled_from(["a", "{", ":", " ", "\t", "\n", "\r\n", "😀", "    "]), max_size=30)


@given(PIECES.map("".join), PIECES.map("".join))
def test_a_block_holds_the_cursor_and_its_lines_are_deeper_than_what_opens_it(
    before: str, after: str
) -> None:
    around = at(before + CURSOR + after)
    scope = around.scope()
    if scope is None:
        return
    assert 0 <= scope.start <= len(before) <= scope.end <= len(before + after)
    assert scope == Scope(scope.start, scope.end, scope.indent, closed=False)
    above = (before + after)[scope.start : len(before)].split("\n")[1:]
    for line in [line for line in above if line.strip()]:
        blank = line[: len(line) - len(line.lstrip(" \t"))]
        assert len(blank.expandtabs(8)) >= around.indent
