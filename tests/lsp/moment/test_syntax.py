"""What the code at the cursor is, by the tree and by scanning."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ....lsp.languages import language_of
from ....lsp.moment.layout import Surroundings
from ....lsp.moment.syntax import Facts, facts_by_scanning, facts_by_tree
from ....lsp.moment.trees import Trees
from .test_structure import CURSOR, LANGUAGES, at_once, snapshot


def scanned(code: str, language: str) -> Facts:
    """The facts at the mark by scanning."""
    before, _, after = code.partition(CURSOR)
    around = Surroundings.of(snapshot(before + after, language).text, len(before))
    return facts_by_scanning(around, language_of(language))


def parsed(code: str, language: str) -> Facts:
    """The facts at the mark by the tree."""
    before, _, after = code.partition(CURSOR)
    document, trees = snapshot(before + after, language), Trees(at_once)
    trees.of(document)
    tree = trees.of(document)
    assert tree is not None
    return facts_by_tree(tree, Surroundings.of(document.text, len(before)), language_of(language))


QUOTED = [
    ("python", "x = f'{a}¦'\n"),
    ("python", "x = f'¦{a}'\n"),
    ("python", "x = f'{a[\"¦b\"]} {c}'\n"),
    ("javascript", "x = `${a}¦`\n"),
    ("javascript", "x = `\n${a}\n¦\n`\n"),
    ("javascript", "// see a/*¦\n"),
    ("javascript", "// see */¦\n"),
    ("javascript", "/* a */ // b¦"),
    ("rust", "/// a¦\nfn f() {}\n"),
    ("rust", "/** a ¦*/\nfn f() {}\n"),
    ("python", "# 😀 é¦"),
    ("python", "'''😀\r\n¦\r\n'''\r\n"),
    ("go", "x := `\n¦\n`\n"),
    ("c", "#include <¦stdio.h>\n"),
]
CODE = [
    ("python", "x = f'{¦a}'\n"),
    ("python", "x = f'{a¦}'\n"),
    ("javascript", "x = `${a¦}`\n"),
    ("javascript", "/* a */¦\n"),
    ("javascript", "/**/¦ x\n"),
    ("rust", "/// a\n¦\nfn f() {}\n"),
    ("rust", "/// a\r\n¦\r\nfn f() {}\r\n"),
    ("rust", "//! a\n¦"),
    ("python", "x = 'a'¦\n"),
    ("python", "¦'a'\n"),
    ("python", "x = '😀', ¦\n"),
    ("python", "# a\n¦"),
    ("python", "¦# a\n"),
    ("python", "¦"),
    ("cpp", 'auto a = "x" ¦"y";\n'),
]


@pytest.mark.parametrize(("language", "code"), QUOTED)
def test_in_a_string_or_a_comment(language: str, code: str) -> None:
    assert parsed(code, language).quoted


@pytest.mark.parametrize(("language", "code"), CODE)
def test_in_code(language: str, code: str) -> None:
    assert not parsed(code, language).quoted


def test_a_tree_with_errors_leaves_strings_to_the_scanner() -> None:
    assert parsed("f(')¦\n", "python").quoted
    assert not parsed("f(')'¦\n", "python").quoted


BRACES = [
    ("go", "func f() {\n\tswitch x {\n\tcase 1:\n\t\t¦\n\t}\n}\n", "\n\tcase 1:\n\t\t\n\t", 8),
    ("go", "func f() {\n\tswitch a := b.(type) {\n\t¦\n\t}\n}\n", "\n\t\n\t", 8),
    ("go", "func f() {\n\tselect {\n\t¦\n\t}\n}\n", "\n\t\n\t", 8),
    ("go", "func f() {\n\ttype A interface {\n\t\t¦\n\t}\n}\n", "\n\t\t\n\t", 8),
    ("go", "func f() {\n\tswitch x {\n\t}¦\n}\n", "\n\tswitch x {\n\t}\n", 0),
    ("rust", "mod m {\n    macro_rules! a {\n        ¦\n    }\n}\n", "\n        \n    ", 4),
    ("rust", "fn f() {\n    let 😀 = '😀';\n    ¦\n}\n", "\n    let 😀 = '😀';\n    \n", 0),
    ("javascript", "const 😀 = { ¦ }\n", "  ", 0),
    ("typescript", "f(a, {\n  b: {¦},\n})\n", "", 2),
    ("java", "enum A {\r\n    B, ¦\r\n}\r\n", "\r\n    B, \r\n", 0),
]


@pytest.mark.parametrize(("language", "code", "text", "indent"), BRACES)
def test_the_innermost_braces_are_the_scope(language: str, code: str, text: str, indent: int) -> None:
    scope = parsed(code, language).scope
    assert scope is not None
    assert code.replace(CURSOR, "")[scope.start : scope.end] == text
    assert (scope.indent, scope.closed) == (indent, True)


def test_the_closing_brace_of_an_outer_block_does_not_close_the_inner_one() -> None:
    scope = parsed("void f(void) {\n  if (a) {\n    ¦\n}\n", "c").scope
    assert scope is not None
    assert not scope.closed


OPENING = [
    ("python", "if a:¦", True),
    ("python", "f(a if b else lambda:¦", False),
    ("python", "x = {'a':¦", False),
    ("python", "'if a:¦", False),
    ("python", "if a: # b:¦", False),
    ("yaml", "key:¦", True),
    ("javascript", "if (a) {¦", True),
    ("javascript", "f({¦", True),
    ("javascript", "'{¦", False),
    ("lua", "if a then¦", False),
]


@pytest.mark.parametrize(("language", "code", "opens"), OPENING)
def test_what_opens_a_block(language: str, code: str, opens: bool) -> None:
    assert scanned(code, language).opens_block is opens


PIECES = [*"()[]{}\"'`:;#/*\\a \n", "\\\n", "    ", '"""', "//", "/*", "*/", "é😀", "if a:", "\n  "]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


@settings(deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(LANGUAGES))
def test_windows_line_ends_change_nothing_for_the_scanner(before: str, after: str, language: str) -> None:
    unix = scanned(before + CURSOR + after, language)
    windows = scanned((before + CURSOR + after).replace("\n", "\r\n"), language)
    facts = (unix.quoted, unix.opens_block, unix.braces)
    assert (windows.quoted, windows.opens_block, windows.braces) == facts
    if unix.scope is None:
        assert windows.scope is None
        return
    assert windows.scope is not None
    assert (windows.scope.indent, windows.scope.closed) == (unix.scope.indent, unix.scope.closed)
    code = before + after
    crlf = code.replace("\n", "\r\n")[windows.scope.start : windows.scope.end]
    assert crlf.replace("\r\n", "\n").strip("\r\n") == code[unix.scope.start : unix.scope.end].strip("\n")
