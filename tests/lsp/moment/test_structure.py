"""One line or a block, and which block. Complaint: unwanted multi-line suggestions."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Language

from ....lsp.documents import Snapshot
from ....lsp.moment import Scope, Shape, Structure
from ....lsp.moment import trees as trees_module
from ....lsp.moment.grammars import grammar, has_grammar
from ....lsp.moment.trees import LARGEST, MOST_AT_ONCE, Trees
from ....lsp.text import ENCODINGS, Text

CURSOR = "¦"
Job = Callable[[], None]


def at_once(job: Job) -> None:
    """Do what would be done in the background."""
    job()


def never(job: Job) -> None:
    """A background that does not get to it."""


def snapshot(code: str, language: str, version: int = 1) -> Snapshot:
    """A document."""
    return Snapshot("file:///a", language, version, Text.of(code, ENCODINGS["utf-16"]))


def shape(code: str, language: str, run: Callable[[Job], None] = at_once) -> Shape:
    """The shape at the mark in ``code``."""
    before, _, after = code.partition(CURSOR)
    document = snapshot(before + after, language)
    structure = Structure(run)
    structure.opened(document)
    return structure.shape(document, len(before))


BLOCKS = [
    ("python", "def f(a):¦\n"),
    ("python", "def f(a):¦\n\nx = 1\n"),
    ("python", "def f(a):\n    ¦\n"),
    ("python", "class A:\n    def f(self):\n        ¦\n\n    def g(self):\n        pass\n"),
    ("python", "for a in b:\n    if a:¦\n"),
    ("python", 'def f():\n    """¦\n'),
    ("python", "f(\n    ¦\n)\n"),
    ("python", "x = 1\n¦"),
    ("python", "x = {\n    'a': 1,\n    ¦\n}\n"),
    ("javascript", "function f() {¦\n}\n"),
    ("javascript", "function f() {\n  ¦\n}\n"),
    ("javascript", "a.map(b => {¦\n})\n"),
    ("typescript", "interface A {\n  ¦\n}\n"),
    ("typescriptreact", "const a = () => {\n  ¦\n}\n"),
    ("go", "func f() {\n\t¦\n}\n"),
    ("rust", "fn f() -> u8 {¦\n}\n"),
    ("rust", "match x {\n    ¦\n}\n"),
    ("c", "int main(void) {\n    ¦\n}\n"),
    ("cpp", "class A {\npublic:\n    ¦\n};\n"),
    ("cpp", "template <class T>\nclass A {\n    ¦\n};\n"),
    ("python", "x = (\n    'a'\n    ¦\n)\n"),
    ("java", "class A {\n    void f() {¦\n    }\n}\n"),
    ("ruby", "def f\n  ¦\nend\n"),
    ("ruby", "a.each do¦\n"),
    ("lua", "if a then¦\n"),
    ("lua", "if a then\n  b()\nelse¦\n"),
    ("shellscript", "if a\nthen¦\n"),
    ("shellscript", "for a in b\ndo ¦\n"),
    ("python", "¦"),
    ("rust", "/// a\n¦"),
    ("kotlin", "fun f() {¦\n}\n"),
]
LINES = [
    ("python", "x = ¦\n"),
    ("python", "def f(¦):\n"),
    ("python", "def f():¦\n    return 1\n"),
    ("python", "def f():\n    ¦\n    return 1\n"),
    ("python", "x = {'a':¦\n"),
    ("python", "x = a[1:¦\n"),
    ("python", "f = lambda a:¦\n"),
    ("python", "# for a in b:¦\n"),
    ("python", "x = 'for a in b:¦\n"),
    ("python", '"""\nif a:\n¦\n"""\n'),
    ("python", "x = 1  # a\n# b¦\n"),
    ("python", "f(¦\n"),
    ("javascript", "const a = ¦;\n"),
    ("javascript", "// if (a) {¦\n"),
    ("javascript", "a(`\n¦\n`)\n"),
    ("javascript", "function f() {¦\n  return 1;\n}\n"),
    ("typescript", "/* {\n ¦\n */\n"),
    ("go", "if a {\n\t¦\n\tb()\n}\n"),
    ("rust", 'let a = "{¦\n'),
    ("c", "int a = ¦;\n"),
    ("cpp", "// {¦\n"),
    ("java", "return ¦\n"),
    ("ruby", "x = ¦\n"),
    ("ruby", "x = a.begin¦\n"),
    ("python", "x = a if b else¦\n"),
    ("python", "x = a if b else ¦\n"),
    ("yaml", "a: do¦\n"),
    ("kotlin", 'val a = "{¦\n'),
]


@pytest.mark.parametrize(("language", "code"), BLOCKS)
def test_a_block_is_wanted(language: str, code: str) -> None:
    assert shape(code, language).multiline


@pytest.mark.parametrize(("language", "code"), LINES)
def test_a_line_is_wanted(language: str, code: str) -> None:
    assert not shape(code, language).multiline


@pytest.mark.parametrize(("language", "code"), [*BLOCKS, *LINES])
def test_without_a_tree_the_layout_says_the_same(language: str, code: str) -> None:
    wanted = (language, code) in BLOCKS
    assert shape(code, language, never).multiline is wanted


@pytest.mark.parametrize(("language", "code"), [*BLOCKS, *LINES])
@pytest.mark.parametrize("run", [at_once, never])
def test_windows_line_ends_make_no_difference(language: str, code: str, run: Callable[[Job], None]) -> None:
    wanted = (language, code) in BLOCKS
    assert shape(code.replace("\n", "\r\n"), language, run).multiline is wanted


SCOPES = [
    ("python", "def f():\n    a\n    ¦\nb\n", "\n    a\n    \n", 0, False),
    ("python", "class A:\n    def f():¦\n        a\n\n    b\n", "\n        a\n\n", 4, False),
    ("javascript", "function f() {\n  a;¦\n}\nb\n", "\n  a;\n", 0, True),
    ("javascript", "f(() => {\n  if (a) {\n    ¦\n  }\n});\n", "\n    \n  ", 2, True),
    ("go", "func f() {\n\tx := 'é'\n\t¦\n}\n", "\n\tx := 'é'\n\t\n", 0, True),
    ("rust", "impl A {\n    fn f() {\n        ¦\n    }\n}\n", "\n        \n    ", 4, True),
    ("c", "void f(void) {\n  if (a) {\n    ¦\n}\n", None, 2, False),
    ("java", "class A {\n    ¦\n}\n", "\n    \n", 0, True),
]


@pytest.mark.parametrize(("language", "code", "text", "indent", "closed"), SCOPES)
def test_the_scope(language: str, code: str, text: str | None, indent: int, closed: bool) -> None:
    scope = shape(code, language).scope
    assert scope is not None
    assert (scope.indent, scope.closed) == (indent, closed)
    assert text is None or code.replace(CURSOR, "")[scope.start : scope.end] == text


def test_at_the_top_level_there_is_no_scope() -> None:
    assert shape("a = 1\n¦\n", "python").scope is None
    assert shape("let a = 1;\n¦\n", "javascript").scope is None


def test_by_layout_alone() -> None:
    scope = shape("fun f() {\n    ¦\n}\n", "kotlin").scope
    assert scope == Scope(9, 15, 0, closed=True)
    assert shape("fun f() {\n    ¦\n", "kotlin").scope == Scope(9, 15, 0, closed=False)


@pytest.mark.parametrize("language", ["python", "javascript", "rust"])
@pytest.mark.parametrize("text", ["'a¦'", "/* ¦ */", "# ¦", "// ¦", "f(¦)"])
def test_quoted(language: str, text: str) -> None:
    comments = {"python": "# ¦", "javascript": "// ¦", "rust": "// ¦"}
    if text in ("# ¦", "// ¦") and text != comments[language]:
        return
    quoted = (
        text != "f(¦)"
        and not (text == "/* ¦ */" and language == "python")
        and not (text == "'a¦'" and language == "rust")
    )
    assert shape(text + "\n", language).quoted is quoted


EDITS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 20), st.text("a(){}:\n 😀'", max_size=6)), max_size=8
)
SOURCE = "def f(é):\n    if a:\n        return {'😀': [1]}\n\n\nclass A:\n    x = '''\n😀\n'''\n" * 4


@settings(deadline=None)
@given(EDITS)
def test_a_tree_kept_up_to_date_is_that_of_the_text(edits: list[tuple[int, int, str]]) -> None:
    trees, document = Trees(at_once), snapshot(SOURCE, "python")
    trees.of(document)
    for place, removed, inserted in edits:
        start = min(place, len(document.text))
        end = min(start + removed, len(document.text))
        document = replace(document, text=document.text.replace(start, end, inserted))
        kept = trees.of(document)
        assert kept is not None
        assert kept.source == str(document.text).encode()
        fresh = Trees(at_once)
        fresh.of(document)
        anew = fresh.of(document)
        assert anew is not None
        assert str(kept.tree.root_node) == str(anew.tree.root_node)
        assert kept.tree.root_node.end_byte == anew.tree.root_node.end_byte


def test_large_files_and_unknown_languages_have_no_tree() -> None:
    jobs: list[Job] = []
    trees = Trees(jobs.append)
    assert trees.of(snapshot("x = 1\n" * (LARGEST // 6 + 1), "python")) is None
    assert trees.of(snapshot("x = 1\n", "brainfuck")) is None
    assert jobs == [] and not has_grammar("brainfuck")


def test_the_first_parse_is_in_the_background_and_so_is_that_of_a_new_text() -> None:
    jobs: list[Job] = []
    trees, document = Trees(jobs.append), snapshot("x = 1\n", "python")
    assert trees.of(document) is None and trees.of(document) is None
    assert len(jobs) == 1
    jobs.pop()()
    assert trees.of(document) is not None
    other = snapshot("y = 2\n" * MOST_AT_ONCE, "python", 2)
    assert trees.of(other) is None
    jobs.pop()()
    assert trees.of(other) is not None and jobs == []


def test_a_document_closed_meanwhile_is_forgotten() -> None:
    jobs: list[Job] = []
    trees, document = Trees(jobs.append), snapshot("x = 1\n", "python")
    trees.of(document)
    trees.closed(document.uri)
    jobs.pop()()
    assert trees.of(document) is None and len(jobs) == 1


@pytest.mark.parametrize(("language", "root"), [("python", "module"), ("rust", "source_file")])
def test_a_document_opened_anew_during_its_parse_has_the_tree_of_its_new_language(
    language: str, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[Job] = []
    trees, first, second = Trees(jobs.append), snapshot("x = 1\n", "python"), snapshot("x = 1\n", language)

    def open_anew(wanted: str) -> Language:
        if not jobs and wanted == "python":
            trees.closed(first.uri)
            trees.of(second)
        return grammar(wanted)

    monkeypatch.setattr(trees_module, "grammar", open_anew)
    trees.of(first)
    jobs.pop()()
    while jobs:
        jobs.pop()()
    parsed = trees.of(second)
    assert parsed is not None and parsed.tree.root_node.type == root


PIECES = [
    *"()[]{}\"'`:;,#/*-=. \t\r\n\0\f",
    "    ",
    "\r\n",
    "def f():",
    "/*",
    "*/",
    '"""',
    "é😀",
    "end",
    "f'{",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
LANGUAGES = [
    *("python", "javascript", "javascriptreact", "typescript", "typescriptreact"),
    *("go", "rust", "c", "cpp", "java", "ruby", "lua", "yaml", "html", "shellscript"),
]


@settings(deadline=None)
@given(TEXTS, st.sampled_from(LANGUAGES), st.integers(0, 60), st.sampled_from([at_once, never]))
def test_every_place_has_a_shape(text: str, language: str, place: int, run: Callable[[Job], None]) -> None:
    document = snapshot(text, language)
    structure = Structure(run)
    structure.opened(document)
    offset = min(place, len(document.text))
    found = structure.shape(document, offset)
    if found.scope is not None:
        assert 0 <= found.scope.start <= found.scope.end <= len(document.text)
        assert found.scope.start <= offset and found.scope.indent >= 0
