"""Indentation in the buffer's style. Complaint: multi-line suggestions indented otherwise than the buffer."""

import pytest

from ....lsp.trimming import Style, style_of
from ....lsp.trimming.indentation import convert_indentation
from .places import at

GO = "func a() {\n\tb()\n\tc()\n}\n"
TWO = "function a() {\n  b();\n  if (c) {\n    d();\n  }\n}\n"
FOUR = "def a():\n    b()\n    if c:\n        d()\n"

CASES = [
    (
        "go",
        GO + "func f() {¦",
        "\n    a()\n    if b {\n        c()\n    }",
        "\n\ta()\n\tif b {\n\t\tc()\n\t}",
    ),
    ("go", GO + "func f() {\n¦", "    a()\n", "\ta()\n"),
    ("go", GO + "func f() {\n\t¦", "x := `\n    a`\n    b()", "x := `\n    a`\n\tb()"),
    ("go", GO + "func f() {\n\t¦", "a(b,\n\t  c)", "a(b,\n\t  c)"),
    (
        "javascript",
        TWO + "function f() {¦",
        "\n    a();\n    if (b) {\n        c();\n    }\n}",
        "\n  a();\n  if (b) {\n    c();\n  }\n}",
    ),
    ("javascript", TWO + "function f() {¦", "\n\ta();\n}", "\n  a();\n}"),
    ("javascript", TWO + "  f(a,¦", "\n      b);", "\n      b);"),
    ("python", FOUR + "def f():¦", "\n  a()\n  if b:\n    c()", "\n    a()\n    if b:\n        c()"),
    ("python", FOUR + "def f():\n    ¦", "if a:\n      b()\n    c()", "if a:\n        b()\n    c()"),
    ("python", FOUR + "def f():\n    ¦", 'a = """\n\tb\n"""\n\tc', 'a = """\n\tb\n"""\n    c'),
    (
        "python",
        FOUR + "def f():\n    ¦",
        "if a:\n        b(c,\n          d)",
        "if a:\n        b(c,\n          d)",
    ),
    ("python", "x = ¦", "1", "1"),
    ("python", FOUR + "x = {\n    ¦", "'a':\n      1", "'a':\n      1"),
    ("c", "if (a)\n    {\n\tb ();\n    }\n  if (¦", "c)\n    {\n\td ();", "c)\n    {\n\td ();"),
]


@pytest.mark.parametrize(("language", "code", "text", "converted"), CASES)
def test_indentation(language: str, code: str, text: str, converted: str) -> None:
    assert convert_indentation(text, at(code, language)) == converted


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("", Style()),
        ("a\nb\n", Style()),
        (GO, Style(tabs=True)),
        (TWO, Style(width=2)),
        (FOUR, Style(width=4)),
        ("a\n   b\nc\n   d\n", Style(width=3)),
        ("def a():\n  f(\n      b)\n  f(\n      b)\n  f(\n      b)\n", Style(width=2)),
        ("/*\n * a\n * b\n */\nif (a) {\n    b\n}\n", Style(width=4)),
    ],
)
def test_the_style_of_a_buffer(text: str, style: Style) -> None:
    assert style_of(text) == style


def test_an_unindented_buffer_has_the_default() -> None:
    assert style_of("a\n", Style(tabs=True, width=8)) == Style(tabs=True, width=8)
