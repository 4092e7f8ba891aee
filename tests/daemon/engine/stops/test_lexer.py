"""What is open at the end of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.stops.lexer import Lexer, Syntax, syntax_of

PYTHON, C_LIKE = syntax_of("python", ""), syntax_of("", "a.c")


@pytest.mark.parametrize(
    ("text", "stack"),
    [
        ("f(a, [b", ["(", "["]),
        ("f(a, [b])", []),
        ("f('(', \")\"", ["("]),
        ("x = 'it", ["'"]),
        ("x = 'it\n", []),
        (r"x = 'it\'s", ["'"]),
        (r"x = 'it\\'", []),
        ('"""Doc (', ['"""']),
        ('"""Doc "quoted" \n more', ['"""']),
        ('"""Doc"""', []),
        ('"""Doc\\"""', ['"""']),
        ('""', []),
        ('"" (', ["("]),
        ("x  # (", ["#"]),
        ("x  # (\n", []),
        ("a // b (", ["("]),
        ("f([)", []),
        ("`", ["`"]),
    ],
)
def test_python(text: str, stack: list[str]) -> None:
    lexer = Lexer(PYTHON)
    lexer.read(text)
    assert lexer.stack == stack


@pytest.mark.parametrize(
    ("text", "stack"),
    [
        ("if (x) {", ["{"]),
        ("x // (", ["//"]),
        ("x // (\n", []),
        ("/* ( \n", ["/*"]),
        ("/* ( */ [", ["["]),
        ("a / b * (c", ["("]),
        ("a # (", ["("]),
        ("`a\n${", ["`"]),
        ('"" "', ['"']),
    ],
)
def test_c_like(text: str, stack: list[str]) -> None:
    lexer = Lexer(C_LIKE)
    lexer.read(text)
    assert lexer.stack == stack


def test_depth_falls_below_its_first_value_when_more_is_closed_than_opened() -> None:
    lexer = Lexer(PYTHON, ["("])
    lexer.read("a)")
    assert lexer.depth == 0
    lexer.read("]")
    assert lexer.depth == -1


@given(st.text("ab (){}[]\"'`#/*-\\\n", max_size=40), st.sampled_from([PYTHON, C_LIKE, Syntax("--")]))
def test_skipping_ahead_sees_what_single_steps_see(text: str, syntax: Syntax) -> None:
    quick, slow = Lexer(syntax), Lexer(syntax)
    quick.read(text)
    for char in text:
        slow.feed(char)
    assert (quick.stack, quick.depth, quick.quoted) == (slow.stack, slow.depth, slow.quoted)


@pytest.mark.parametrize(
    ("language", "path", "comment", "indented"),
    [
        ("python", "x", "#", True),
        ("", "pkg/a.pyi", "#", True),
        ("typescriptreact", "a.tsx", "//", False),
        ("lua", "", "--", False),
        ("", "Makefile", "#", False),
        ("", "README", "//", False),
    ],
)
def test_syntax_is_known_by_language_or_extension(
    language: str, path: str, comment: str, indented: bool
) -> None:
    syntax = syntax_of(language, path)
    assert (syntax.comment, syntax.indented) == (comment, indented)
