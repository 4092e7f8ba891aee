"""The generated text as the rules see it: its lines, where they end, and what is open."""

from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.stops.written import Line, Written
from .text import place

MARKED = st.sampled_from(["|", "    |", "x = |", "x = |)", 'def f():\n    """|'])
TEXTS = st.lists(st.sampled_from(["a", "é😀", " ", "\t", "\n", "\n\n", "  b \n", "\x0c", "\u2028", "("])).map(
    "".join
)


def written(marked: str, text: str) -> Written:
    """What is known after ``text``."""
    found = Written(place(marked))
    for char in text:
        found.add(char)
    return found


@given(MARKED, TEXTS)
def test_finished_lines_are_those_with_text_and_end_where_it_ends(marked: str, text: str) -> None:
    found = written(marked, text)
    *finished, current = (found.place.line + text).split("\n")
    assert [line.text for line in found.lines] == [line.rstrip() for line in finished if line.strip()]
    for line in found.lines:
        before = found.place.line + found.text[: line.end]
        assert before.rstrip().endswith(line.text)
        assert found.text[line.end :].partition("\n")[0].strip() == ""
    assert (found.line, found.number) == (current, len(finished))


@given(MARKED, TEXTS)
def test_nothing_is_lost_or_changed(marked: str, text: str) -> None:
    found = written(marked, text)
    assert found.text == text
    assert text[: found.solid] == text.rstrip()
    assert found.before_line <= found.start <= len(text)


@given(MARKED, TEXTS, st.integers(0, 4))
def test_blank_lines_in_a_row_are_counted(marked: str, text: str, blanks: int) -> None:
    assert written(marked, text + "b\n" + " \n" * blanks).blank_run == blanks


def test_before_anything_is_written_the_line_is_what_stands_before_the_cursor() -> None:
    found = written("x = 1\n  y = |z\n", "")
    assert (found.line, found.lines, found.before_line, found.solid) == ("  y = ", [], 0, 0)


def test_a_line_finished_at_the_cursor_ends_before_its_newline() -> None:
    assert written("x = |", "  \n").lines == [Line("x =", 0)]
    assert written("x = |", "1  \n").lines == [Line("x = 1", 1)]


def test_a_cursor_in_a_string_begins_quoted() -> None:
    found = written('"""|', "a\nb")
    assert found.quoted_before
    assert not written('"""|', 'a"""\nb').quoted_before


def test_depth_is_told_from_the_beginning_of_the_line() -> None:
    found = written("f(|", "[\n1, [")
    assert (found.depth, found.depth_before, found.lexer.depth) == (1, 2, 3)
