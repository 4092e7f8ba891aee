"""A completion does not leave the block it was asked for in. Complaint: too long suggestions."""

import pytest

from ....lsp.trimming.scope import leave_no_scope
from .places import at

CASES = [
    ("python", "def f():\n    ¦\n", 0, "a = 1\n    return a\n\ndef g():\n    pass", "a = 1\n    return a\n"),
    ("python", "def f():¦\n", None, "\n    return 1\nx = 2", "\n    return 1"),
    ("python", "class A:\n    def f(self):\n        ¦\n", 4, "return 1\n\n    def g(self):", "return 1\n"),
    ("python", "def f():\n    x = ¦\n", 0, '"""a\nb\n"""\n    c\nd', '"""a\nb\n"""\n    c'),
    ("python", "def f():\n    x = ¦\n", 0, "[\n1,\n]\n    c\nd", "[\n1,\n]\n    c"),
    ("python", "def f():\n    g(¦\n", 0, "\n1,\n)", "\n1,\n)"),
    ("python", "¦\n", None, "a = 1\nb = 2", "a = 1\nb = 2"),
    ("python", "def f():\n    g(¦\n", 0, "a)\n    b\nc", "a)\n    b"),
    ("python", "def f():\n    g(\n        ¦\n", 0, "a\n    )\n    b\nc", "a\n    )\n    b"),
    ("javascript", "function f() {\n  g(¦", 0, "a);\n  b();\n}\nc();", "a);\n  b();\n}"),
    ("javascript", "function f() {\n  ¦", 0, "a();\n}\nb();", "a();\n}"),
    ("javascript", "function f() {\n  if (x) {\n    ¦", 2, "a();\n  }\n  b();\n}", "a();\n  }"),
    (
        "javascript",
        "function f() {\n  ¦",
        0,
        "if (a) {\n    b();\n  }\n  c();\n",
        "if (a) {\n    b();\n  }\n  c();\n",
    ),
    (
        "go",
        "func f() {\n\t¦",
        0,
        "switch x {\n\tcase 1:\n\t}\n}\n\nfunc g() {",
        "switch x {\n\tcase 1:\n\t}\n}",
    ),
    ("c", "switch (x) {\n  ¦", 0, "a();\ncase 2:\n  b();\n", "a();\ncase 2:\n  b();\n"),
    ("cpp", "class A {\n  ¦", 0, "int a;\npublic:\n  A();\n};\nint b;", "int a;\npublic:\n  A();\n};"),
    ("rust", "fn f() {\n    ¦", 0, "a();\nfn g() {}\n", "a();"),
    ("java", "void f() {\n    ¦", 0, 'String s = "}";\n    a();\n', 'String s = "}";\n    a();\n'),
    ("ruby", "def f\n  ¦\n", 0, "a\nend\nb", "a\nend"),
    ("ruby", "def f\n  ¦\nend\n", 0, "a\nend\nb", "a"),
    ("lua", "function f()\n  ¦\n", 0, "a()\nend\nb()", "a()\nend"),
]


@pytest.mark.parametrize(("language", "code", "indent", "text", "left"), CASES)
def test_scope(language: str, code: str, indent: int | None, text: str, left: str) -> None:
    assert leave_no_scope(text, at(code, language, indent)) == left
