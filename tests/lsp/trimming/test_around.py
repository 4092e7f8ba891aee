"""What the trimming rules see around the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....lsp.trimming import Around, Style
from ....lsp.trimming.around import NEIGHBOURS, READ_AHEAD
from .places import at


@pytest.mark.parametrize(
    ("code", "line", "rest"),
    [("¦", "", ""), ("a\nb¦c\nd", "b", "c"), ("a\n¦\nb", "", ""), ("😀¦😀", "😀", "😀"), ("\n¦", "", "")],
)
def test_the_cursors_line(code: str, line: str, rest: str) -> None:
    around = at(code)
    assert (around.line, around.rest) == (line, rest)


@pytest.mark.parametrize(
    ("code", "above", "below"),
    [
        ("¦", (), ()),
        ("a¦b", (), ()),
        ("\n¦\n", (), ()),
        ("a\n¦\nb", ("a",), ("b",)),
        ("a\n  b  \n\n \t\nc¦d\n\n   \n  e \nf", ("  b", "a"), ("  e", "f")),
        ("\n\na\n¦", ("a",), ()),
        ("é😀\n¦\n😀", ("é😀",), ("😀",)),
    ],
)
def test_lines_with_text_above_and_below(code: str, above: tuple[str, ...], below: tuple[str, ...]) -> None:
    around = at(code)
    assert (around.above, around.below) == (above, below)


def test_no_more_than_the_nearest_lines_are_kept() -> None:
    lines = "".join(f"line {number}\n" for number in range(50))
    around = Around(lines, "\n" + lines)
    assert around.above == tuple(f"line {number}" for number in range(49, 49 - NEIGHBOURS, -1))
    assert around.below == tuple(f"line {number}" for number in range(NEIGHBOURS))


def test_a_line_that_is_read_in_part_is_no_line_below() -> None:
    start = "\n" + " " * (READ_AHEAD - 5) + "\n"
    assert Around("", start + "return compute(x)\n").below == ()
    assert Around("", start + "abc").below == ("abc",)
    assert Around("", "\nabc\n" + "d" * READ_AHEAD).below == ("abc",)


def test_blanks_at_the_cursor_are_counted_in_columns() -> None:
    assert (at("\tx¦").base, at("    ¦x").base, at("a\n  ¦").base, at("¦    x").base) == (8, 4, 2, 0)


LINES = st.lists(st.sampled_from(["", " ", "\t", "a", "  b ", "é😀"]), max_size=12).map("\n".join)


@given(LINES, LINES)
def test_the_lines_around_are_those_of_the_text(before: str, after: str) -> None:
    around = Around(before, after)
    above, below = before.split("\n")[:-1], after.split("\n")[1:]
    assert list(around.above) == [line.rstrip() for line in reversed(above) if line.strip()][:NEIGHBOURS]
    assert list(around.below) == [line.rstrip() for line in below if line.strip()][:NEIGHBOURS]
    assert before.endswith(around.line) and after.startswith(around.rest)


PIECES = [*"()[]{}\"'`:;#/*\\a \n", "\\\n", '"""', "//", "/*", "*/", "😀"]
CODE = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
LANGUAGES = st.sampled_from(["python", "javascript", "go", "rust", "lua", "html", "shellscript"])


@given(CODE, CODE, CODE, LANGUAGES)
def test_what_is_open_after_a_text_is_what_is_open_when_it_stands_there(
    prefix: str, suffix: str, text: str, language: str
) -> None:
    before, after = Around(prefix, suffix, language), Around(prefix + text, suffix, language)
    assert before.state_after(text).stack == after.at_cursor.stack
    assert before.state_after("") == before.at_cursor


def test_the_language_is_told_by_its_name_or_else_by_the_path() -> None:
    assert Around("", "", "python", "a.js").syntax.indented
    assert Around("", "", "no language", "a.PY").syntax.indented
    assert not Around("", "", "", "a").syntax.indented


TABS, SPACES = "def f():\n\ta()\n\tb()\n", "def f():\n  a()\n  b()\n"


def test_the_style_is_told_from_both_sides_but_not_from_the_cursors_own_line() -> None:
    assert Around(TABS, "").buffer_style == Style(tabs=True)
    assert Around("x = ", "\n" + SPACES).buffer_style == Style(width=2)
    assert Around("  x = ", "\n").buffer_style == Style()
    assert Around(SPACES + "\t", "\n").buffer_style == Style(width=2)
    assert Around(TABS, "\n" + SPACES).buffer_style.mixed


def test_a_style_that_is_given_counts() -> None:
    assert Around(TABS, "", style=Style(width=3)).buffer_style == Style(width=3)
