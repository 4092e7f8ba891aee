"""What stands after the cursor is not suggested again. Complaint: duplicated suffixes and brackets."""

import pytest

from ....lsp.trimming.suffix import cut_lines_below, cut_rest_of_line
from .places import at

REST = [
    ("python", "print(¦)", "x)", "x"),
    ("python", "print(¦)", "f(x)", "f(x)"),
    ("python", "print(¦)", "f(x))", "f(x)"),
    ("python", 'print("¦")', 'hello")', "hello"),
    ("python", 'print("¦")', 'hello", end="', 'hello", end="'),
    ("python", "x = [¦]", "1, 2]", "1, 2"),
    ("python", "x = {¦}", "'a': [1]}", "'a': [1]"),
    ("python", "f(¦, key=1)", "a, key=1)", "a"),
    ("python", "f(¦, key=1)", "a, b", "a, b"),
    ("python", "total = ¦ + offset  # units", "base + offset  # units", "base"),
    ("python", "ret¦e", "urn e", "urn "),
    ("python", "ret¦e", "urn the", "urn the"),
    ("python", "x = ¦", "1", "1"),
    ("python", "s = f(¦)", "')'", "')'"),
    ("javascript", "foo(() => {¦});", "\n  bar();\n});", "\n  bar();\n"),
    ("javascript", "const a = `¦`;", "${b}`;", "${b}"),
    ("typescript", "const x: Array<¦>", "string>", "string"),
    ("go", "fmt.Println(¦)", '"a", b)', '"a", b'),
    ("rust", "vec![¦];", "1, 2];", "1, 2"),
    ("c", "if (¦) {", "a > 0) {", "a > 0"),
    ("java", "list.add(¦);", "new Foo());", "new Foo()"),
    ("cpp", "std::vector<int> v{¦};", "1, 2};", "1, 2"),
]


@pytest.mark.parametrize(("language", "code", "text", "left"), REST)
def test_the_rest_of_the_line(language: str, code: str, text: str, left: str) -> None:
    assert cut_rest_of_line(text, at(code, language)) == left


BELOW = [
    ("x = ¦\nreturn compute(x)\n", "1\nreturn compute(x)", "1"),
    ("x = ¦\nreturn compute(x)\n", "1\nreturn compute(x)\nmore = 1", "1"),
    ("x = ¦\n\n\nreturn compute(x)\n", "1\nreturn compute(x)", "1"),
    ("x = ¦\nreturn compute(x)\n", "1\nreturn compute(y)", "1\nreturn compute(y)"),
    ("¦\nreturn compute(x)\n", "return compute(x)", ""),
    ("retu¦\nreturn compute(x)\n", "rn compute(x)", ""),
    ("    ¦\n    else:\n        b()\n", "a()\n    else:\n        b()", "a()"),
    ("    ¦\n    else:\n        b()\n", "a()\n    else:\n        c()\n", "a()\n    else:\n        c()\n"),
    ("if a:\n    ¦\n    pass\n", "pass", ""),
    ("if a:\n    ¦\npass\n", "pass", "pass"),
    ("¦\nresult = transform(a, b)\n", "a = 1\nresult  =  transform(a, b)", "a = 1"),
    ("¦\nself.b_proj = make(b_size)\n", "self.a_proj = make(a_size)", "self.a_proj = make(a_size)"),
    ("    ¦\nresult = transform(a, b)\n", "result = transform(a, b)", "result = transform(a, b)"),
    ("f(¦)\nreturn x\n", "a)\nreturn x", "a)\nreturn x"),
]


@pytest.mark.parametrize(("code", "text", "left"), BELOW)
def test_the_lines_below(code: str, text: str, left: str) -> None:
    assert cut_lines_below(text, at(code)) == left


def test_the_end_of_a_block_that_is_there() -> None:
    code = "function f() {\n  if (a) {\n    ¦\n  }\n}\n"
    assert cut_lines_below("b();\n  }", at(code, "javascript")) == "b();"
    assert cut_lines_below("b();\n  }\n}", at(code, "javascript")) == "b();"
    assert cut_lines_below("if (b) {\n    }", at(code, "javascript")) == "if (b) {\n    }"
