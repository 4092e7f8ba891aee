"""Blanks nobody wants."""

import pytest

from ....lsp.trimming.blanks import drop_blank, strip_end, strip_line_ends
from .places import at


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a  \n  b\t\nc  ", "a\n  b\nc  "),
        ('"""a  \nb  \n"""  \nc', '"""a  \nb  \n"""\nc'),
        ("a  ", "a  "),
        ("\n  \n a", "\n\n a"),
    ],
)
def test_line_ends(text: str, left: str) -> None:
    assert strip_line_ends(text, at("x = ¦")) == left


@pytest.mark.parametrize(
    ("code", "text", "left"),
    [
        ("x = ¦", "1  ", "1"),
        ("x = ¦", "1\n\n", "1"),
        ("f(¦)", "a ", "a"),
        ("x = ¦b", "a + ", "a + "),
        ("x = ¦ + b", "a ", "a"),
        ("x = ¦+ b", "a ", "a "),
    ],
)
def test_the_end(code: str, text: str, left: str) -> None:
    assert strip_end(text, at(code)) == left


@pytest.mark.parametrize(("text", "left"), [(" \n\t", ""), ("", ""), (" a", " a")])
def test_a_text_of_blanks(text: str, left: str) -> None:
    assert drop_blank(text, at("¦")) == left
