"""Leaving the block the cursor is in, by indentation, by brackets, and after a definition."""

import pytest

from .text import generate

PYTHON = [
    # inside a body: the next line further left leaves it
    ("def f(a):\n    |", "b = a\n    return b\n\n\ndef g():\n    pass\n", "b = a\n    return b"),
    ("def f(a):\n    if a:\n        |", "b = 1\n    return b\n", "b = 1"),
    ("class A:\n    x: int\n    |", "y: int\n\nclass B:\n", "y: int"),
    ("def f():\n    |", "x = 1\n# comment\n", "x = 1"),
    # after an opener
    ("def f(a):|", "\n    return a\n\ndef g():\n", "\n    return a"),
    ("    if a:|", "\n        b()\n    c()\n", "\n        b()"),
    ("def f(a):|", "\ndef g():\n", ""),
    # the indentation is the model's to choose
    ("def f(a):\n|", "    return a\nx = 1\n", "    return a"),
    ("x = 1\n|", "if x:\n    y()\nelse:\n    z()\nw()\n", None),
    # one definition at a time
    ("import a\n\n\n|", "def f():\n    pass\n\n\ndef g():\n    pass\n", "def f():\n    pass"),
    ("class A:\n    |", "def f(self):\n        pass\n\n    def g(self):\n", "def f(self):\n        pass"),
    ("def f(a):\n    |", "def g():\n        pass\n\n    return g\n", None),
    ("def f(a):\n    |", "def g():\n        pass\n\n    @h\n    def i():\n", "def g():\n        pass"),
    ("def f(a):\n    |", "module = a\n    b()\n    func = module\n    c()\n", None),
    ("|", "@a\ndef f():\n    pass\nx = 1\n", "@a\ndef f():\n    pass"),
    ("|", "import a\nimport b\n\nx = 1\n", None),
    # strings and brackets have no say
    ("def f():\n    |", 'x = """\na\n"""\n    y()\nz()\n', 'x = """\na\n"""\n    y()'),
    ("def f():\n    |", "x = [\n1,\n]\n    y()\nz()\n", "x = [\n1,\n]\n    y()"),
    ('def f():\n    """|', 'Doc.\n\nMore\n    """\n    return 1\n', 'Doc.\n\nMore\n    """'),
    ('def f():\n    """Doc.\n\n    |', 'More.\n    """\n    return 1\n', 'More.\n    """'),
    # a bracket is a block too
    ("x = [|", "\n    1,\n    2,\n]\ny = 3\n", "\n    1,\n    2,\n]"),
    ("f(\n    a,\n    |", "b,\n)\ng()\n", "b,\n)"),
    ("f(\n    a,\n    |\n)\ng()\n", "b,\n)\ng()\n", "b,"),
    ("with open(\n    |", "a\n) as f:\n    g()\n", "a\n) as f:"),
]


@pytest.mark.parametrize(("marked", "text", "kept"), PYTHON)
def test_python(marked: str, text: str, kept: str | None) -> None:
    outcome = generate(marked, text, multiline=True)
    assert outcome.text == (text.rstrip() if kept is None else kept)
    assert outcome.finish == (None if kept is None else "suffix" if kept == "b," else "block")


BRACES = [
    ("a.js", "function f() {|", "\n  g();\n}\nh();\n", "\n  g();\n}", "block"),
    ("a.js", "function f() {\n  |", "g();\n}\nh();\n", "g();\n}", "block"),
    ("a.js", "function f() {\n  |\n}\n", "g();\n}\nh();\n", "g();", "suffix"),
    ("a.js", "f(() => {\n  |", "g();\n});\nh();\n", "g();\n});", "block"),
    ("a.js", "if (a) {\n  |", "g();\n} else {\n  h();\n}\n", "g();", "block"),
    ("a.js", "if (a) {\n  |", "if (b) {\n    c();\n  } else {\n    d();\n  }\n}\ne();\n",
     "if (b) {\n    c();\n  } else {\n    d();\n  }\n}", "block"),
    ("a.js", "switch (a) {|", "\ncase 1:\n  b();\n}\nc();\n", "\ncase 1:\n  b();\n}", "block"),
    ("a.js", "function f() {\n  |", "}\ng();\n", "}", "block"),
    ("a.js", "function f() {\n  |\n}\n", "}\ng();\n", "", "suffix"),
    ("a.js", "|", "function f() {\n  g();\n}\n\nfunction h() {\n}\n", "function f() {\n  g();\n}", "block"),
    ("a.go", "\tif a {\n\t\t|", "b()\n\t}\n\tc()\n", "b()\n\t}", "block"),
    ("a.c", "int f(void)\n{\n    |", "return 1; /* } */\n}\nint g;\n", "return 1; /* } */\n}", "block"),
    ("a.rb", "def f\n  |", "g\nend\nh\n", "g\nend", "block"),
    ("a.rb", "def f\n  |", "g\nelse_thing\n", "g", "block"),
    ("a.rb", "def f\n  |\nend\n", "g\nend\nh\n", "g", "suffix"),
    ("a.sh", "if a; then\n  |", "b\nfi\nc\n", "b\nfi", "block"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "marked", "text", "kept", "finish"), BRACES)
def test_braces_and_closing_words(path: str, marked: str, text: str, kept: str, finish: str) -> None:
    outcome = generate(marked, text, path=path, multiline=True)
    assert (outcome.text, outcome.finish) == (kept, finish)


def test_closing_line_waits_for_its_end() -> None:
    outcome = generate("function f() {\n  |", "g();\n}\n", path="a.js")
    shown = ["".join(outcome.pieces[: count + 1]) for count in range(len(outcome.pieces))]
    assert shown[-3:] == ["g();", "g();\n}", "g();\n}"]


@pytest.mark.parametrize(
    ("marked", "text", "kept"),
    [
        ("function f() {\n  |", "g();\n}", "g();\n}"),
        ("function f() {\n  |\n}\n", "g();\n}", "g();"),
        ("if (a) {\n  |", "g();\n} el", "g();"),
    ],
)
def test_unfinished_closing_line_is_kept_only_if_it_is_one(marked: str, text: str, kept: str) -> None:
    assert generate(marked, text, path="a.js").text == kept
