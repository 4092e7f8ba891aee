"""Where the cursor is, and whether one line or several are wanted there."""

import pytest

from .....daemon.engine.records import Completion
from .....daemon.engine.stops.place import Place, indent_of
from .text import place


@pytest.mark.parametrize(
    ("marked", "path", "multiline"),
    [
        ("|", "a.py", True),
        ("x = 1\n|\ny = 2\n", "a.py", True),
        ("def f():\n    |", "a.py", True),
        ("def f():|", "a.py", True),
        ("def f():  |\n", "a.py", True),
        ("x = [|", "a.py", True),
        ("f(|", "a.py", True),
        ("f(|)", "a.py", False),
        ("x = |", "a.py", False),
        ("    |return x", "a.py", False),
        ("x[1:|", "a.py", False),
        ("# a comment:|", "a.py", False),
        ("print('a:|", "a.py", False),
        ('def f():\n    """|', "a.py", True),
        ('def f():\n    """Return|', "a.py", False),
        ('def f():\n    """Return.\n\n    |', "a.py", True),
        ("function f() {|", "a.js", True),
        ("const f = () =>|", "a.js", True),
        ("case 1:|", "a.js", False),
        ("/**|", "a.js", False),
        ("/* one\n |", "a.js", True),
        ("// note {|", "a.js", False),
        ("\r\n    |\r\nx\r\n", "a.py", True),
    ],
)
def test_one_line_or_several(marked: str, path: str, multiline: bool) -> None:
    assert place(marked, path).multiline is multiline


def test_neighbours_are_the_nearest_lines_with_text() -> None:
    found = place("a\n\nb  \n\nx = |1  \r\n\r\n  c\r\n\r\nd\r\ne")
    assert (found.line, found.rest) == ("x = ", "1")
    assert found.above == ("b", "a")
    assert found.below == ("  c", "d")


def test_brackets_opened_on_the_line_are_told_from_earlier_ones() -> None:
    found = place("f(\n    g(a, [|])\n)")
    assert found.open == ("(", "(", "[")
    assert found.open_here == 2


def test_quote_in_an_earlier_definition_does_not_spill_over() -> None:
    filler = "x = 1\n" * 2000
    found = place(filler + "it's\nclass A:\n    def f(self):\n        |")
    assert found.open == ()


def test_far_text_is_not_read() -> None:
    found = Place.of(Completion(path="a.py", prefix="(" * 100_000 + "\n" * 7000, suffix="\n" * 100_000 + "x"))
    assert found.open == ()
    assert found.above == found.below == ()


@pytest.mark.parametrize(
    ("line", "width"), [("x", 0), ("    x", 4), ("\tx", 8), ("  \tx", 8), ("   ", 3), ("", 0)]
)
def test_indentation_width(line: str, width: int) -> None:
    assert indent_of(line) == width
