"""Closers that close nothing go, strings and comments understood."""

import pytest

from ....lsp.trimming.closers import cut_unmatched_closers
from .places import at

CASES = [
    ("python", "print(¦)", "x)", "x"),
    ("python", "print(¦", "x)", "x)"),
    ("python", "print(¦)", "f(x)", "f(x)"),
    ("python", "print(¦)", "x) + g(y", "x) + g(y"),
    ("python", "print(¦)", "'a)'", "'a)'"),
    ("python", "print(¦)", "x  # a)", "x  # a)"),
    ("python", "a = f([¦])", "1, 2)", "1, 2"),
    ("python", "a = f([¦", "1, 2])", "1, 2])"),
    ("python", "a = f([¦)", "1, 2]", "1, 2]"),
    ("python", "x = ¦", "1)", "1"),
    ("python", "x = ¦", "{'a': ')'}}", "{'a': ')'}"),
    ("python", "f(\n    a,\n    ¦\n)\n", "b,\n)\ng()", "b,\n"),
    ("javascript", "items.map(x => {¦})", "return x; })", "return x; "),
    ("javascript", "if (a) {\n  ¦\n}\n", "b();\n}\nc();\n", "b();\n"),
    ("javascript", "if (a) {\n  ¦\n", "b();\n}\n", "b();\n}\n"),
    ("typescript", "const f = (a: string¦) => a;", ", b: number) => {", ", b: number"),
    ("go", "func f() {\n\t¦\n}\n", 'x := "}"\n}', 'x := "}"\n'),
    ("rust", "match x {\n    ¦\n}\n", "Some('}') => {}\n}\n", "Some('}') => {}\n"),
    ("c", "while (¦) {\n}\n", "i < n) {", "i < n"),
    ("cpp", "auto f = [&](int a) {¦};", " return a; };", " return a; "),
    ("java", "foo(new Bar() {¦});", " @Override }", " @Override "),
]


@pytest.mark.parametrize(("language", "code", "text", "left"), CASES)
def test_unmatched_closers(language: str, code: str, text: str, left: str) -> None:
    assert cut_unmatched_closers(text, at(code, language)) == left


def test_a_closer_far_below_counts_where_it_is_read() -> None:
    code = "function f() {\n  ¦\n" + "  more();\n" * 20 + "}\n"
    assert cut_unmatched_closers("a();\n}", at(code, "javascript")) == "a();\n"
