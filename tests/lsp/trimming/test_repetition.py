"""The same lines over and over are not shown."""

import pytest

from ....lsp.trimming.repetition import cut_copy_of_above, cut_repeated_lines, cut_stutter
from .places import at

LINES = [
    ("¦", "a = 1\na = 1\na = 1\n", "a = 1"),
    ("¦", "a = 1\na = 1\n", "a = 1\na = 1\n"),
    ("¦", "abc()\nbcd()\nabc()\nbcd()\nc = 3", "abc()\nbcd()"),
    ("¦", "abc()\n\nbcd()\n\nabc()\nbcd()\nc = 3", "abc()\n\nbcd()"),
    ("¦", "c = 3\nabc()\nbcd()\nabc()\nbcd()", "c = 3\nabc()\nbcd()"),
    ("x = ¦", "f(1)\nx = f(1)\nx = f(1)", "f(1)"),
    ("¦", "}\n}\n}\n}\n", "}\n}\n}\n}\n"),
    ("¦", "a = 1\nb = 1\na = 1\nc = 1", "a = 1\nb = 1\na = 1\nc = 1"),
]


@pytest.mark.parametrize(("code", "text", "left"), LINES)
def test_repeated_lines(code: str, text: str, left: str) -> None:
    assert cut_repeated_lines(text, at(code)) == left


ABOVE = [
    ("self.a = a\n¦", "self.a = a", ""),
    ("self.a = a\n¦", "self.b = b", "self.b = b"),
    ("self.a = a\nself.b = b\n¦", "self.a = a\nself.b = b\nself.c = c", ""),
    ("self.a = a\nself.b = b\n¦", "self.a = b\nself.b = b", "self.a = b\nself.b = b"),
    ("    self.a = a\n    sel¦", "f.a = a", ""),
    ("self.a = a\n\n    ¦", "self.a = a", "self.a = a"),
    (")\n¦", ")", ")"),
    ("NULL,\nNULL,\n¦", "NULL,", "NULL,"),
]


@pytest.mark.parametrize(("code", "text", "left"), ABOVE)
def test_a_copy_of_the_lines_above(code: str, text: str, left: str) -> None:
    assert cut_copy_of_above(text, at(code)) == left


STUTTERS = [
    ("x = " + "not " * 30, "x = not "),
    ("f(" + "a.b." * 20, "f(a.b."),
    ("x = [0, 0, 0, 0, 0, 0, 0]", "x = [0, 0, 0, 0, 0, 0, 0]"),
    ("# " + "-" * 72, "# " + "-" * 72),
    ("# " + "-" * 120, "# -"),
    ("x" + "\n" * 60 + "y", "x" + "\n" * 60 + "y"),
]


@pytest.mark.parametrize(("text", "left"), STUTTERS)
def test_a_line_that_does_not_get_on(text: str, left: str) -> None:
    assert cut_stutter(text, at("¦")) == left
