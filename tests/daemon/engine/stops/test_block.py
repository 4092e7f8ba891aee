"""Leaving the block the cursor is in, by indentation, by brackets, and after a definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


STRINGS = [
    ("|", 'x = """\ndef f():\n"""\ny = 1\nz = 2\n'),
    ("import a\n\n|", 'TEXT = """\nclass A:\n    pass\n"""\nb(TEXT)\nc()\n'),
    ("def f():\n    |", 'x = """\n    def g():\n    """\n    def h():\n        pass\n    return h\n'),
]


@pytest.mark.parametrize(("marked", "text"), STRINGS)
def test_a_definition_in_a_string_is_none(marked: str, text: str) -> None:
    outcome = generate(marked, text, multiline=True)
    assert (outcome.text, outcome.finish) == (text.rstrip(), None)


CODE = [
    "a = 1", "if b:", "    c()", "def d():", "    e = 2", "        g()", "class H:", "    def i(self):",
]  # fmt: skip
QUOTED = ["def f():", "class A:", "  x", "        z", "@a", "}", "end", ")", "    def g():", "if x:"]
MARKED = [
    "|",
    "def f(a):\n    |",
    "x = 1\n|",
    "def f(a):|",
    "def f(a):\n|",
    "class A:\n    def b(self):\n        |",
]


@given(
    st.sampled_from(MARKED),
    st.lists(st.sampled_from(CODE), max_size=3),
    st.lists(st.sampled_from(QUOTED), min_size=1, max_size=3),
    st.lists(st.sampled_from(CODE), min_size=1, max_size=4),
    st.sampled_from(["", "    ", "        "]),
)
def test_what_a_string_says_makes_no_difference_to_where_the_block_ends(
    marked: str, before: list[str], quoted: list[str], after: list[str], indent: str
) -> None:
    """Lines are numbered, so that none stands there twice."""
    ends = set()
    for said in (quoted, ["word"] * len(quoted)):
        lines = [*before, f'{indent}s = """', *said, f'{indent}"""', *after]
        text = "\n".join(f"{line}  # {number}" for number, line in enumerate(lines))
        outcome = generate(marked, f"{text}\n", multiline=True, step=100)
        ends.add((outcome.text.count("\n"), outcome.finish))
    assert len(ends) == 1


def test_a_definition_goes_on_behind_its_brackets() -> None:
    head = "def f(\n    a,\n) -> int:\n    return a"
    assert generate("|", f"{head}\n\n\nx = 1\n").text == head


def test_tabs_and_blanks_are_indentation_of_one_width() -> None:
    text = "b()\n\tc()\n        d()\ne()\n"
    assert generate("if a:\n        |", text, multiline=True).text == "b()\n\tc()\n        d()"


def test_a_blank_line_that_is_short_of_the_block_does_not_leave_it() -> None:
    text = "b = a\n\n    return b"
    assert generate("def f(a):\n    |", text).text == text


@pytest.mark.parametrize(
    ("text", "kept"), [("ende = 1\n", ""), ("end\nx\n", "end"), ("end", "end"), ("en", "")]
)
def test_a_closing_word_counts_only_as_a_whole_line(text: str, kept: str) -> None:
    assert generate("def f\n  |", f"g\n{text}", path="a.rb").text == f"g\n{kept}".rstrip()


def test_a_word_that_may_become_a_definition_waits_after_one() -> None:
    text = "def f(self):\n        pass\n    de"
    outcome = generate("class A:\n    |", text, multiline=True)
    assert outcome.text == text
    assert outcome.pieces[-2:] == ("", "\n    de")
