"""What is open at the end of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...lsp.languages import language_of
from ...lsp.scanner import State, scan, state_before_line, steps

CASES = [
    ("python", "f(a[", ("(", "[")),
    ("python", "f(')'", ("(",)),
    ("python", "x = 'it", ("'",)),
    ("python", "x = 'it\n", ()),
    ("python", "x = 'a\\'b", ("'",)),
    ("python", '"""doc (\n', ('"""',)),
    ("python", '"""doc"""', ()),
    ("python", '""', ()),
    ("python", "# don't (", ("#",)),
    ("python", "# don't (\n{", ("{",)),
    ("python", "a // b(", ("(",)),
    ("javascript", "a // b(", ("//",)),
    ("javascript", "f(`a\n${b", ("(", "`")),
    ("javascript", "f({ // x)\n", ("(", "{")),
    ("typescript", "/* ( */ [", ("[",)),
    ("javascript", "a = /[`/(]+\\//g; f(", ("(",)),
    ("javascript", "a.split(/`/", ("(",)),
    ("javascript", "a = b / c(`", ("(", "`")),
    ("javascript", "a = (b) / c + [d / (", ("[", "(")),
    ("go", "x := `a\n\\`", ()),
    ("rust", "fn f<'a>(x: &'a str) {", ("{",)),
    ("rust", "let c = '{'; {", ("{",)),
    ("c", "char c = '\\''; (", ("(",)),
    ("cpp", 'std::string s = "//"; (', ("(",)),
    ("java", "if (x) { /* }", ("{", "/*")),
    ("lua", "f(--[[ ) ]]", ("(",)),
    ("shellscript", "echo 'a\nb", ("'",)),
    ("html", "it's (", ("(",)),
    ("unheard-of", "f(// )\n", ("(",)),
]


@pytest.mark.parametrize(("language", "text", "stack"), CASES)
def test_what_is_open(language: str, text: str, stack: tuple[str, ...]) -> None:
    assert scan(text, language_of(language)).stack == stack


@pytest.mark.parametrize(
    ("text", "unmatched", "stack"),
    [(")", 1, ()), ("([)", 0, ()), ("([)]", 1, ()), ("{)}", 1, ()), ("')'", 0, ())],
)
def test_unmatched_closers(text: str, unmatched: int, stack: tuple[str, ...]) -> None:
    assert scan(text, language_of("python")) == State(stack, unmatched)


def test_the_extension_helps_where_the_language_is_unknown() -> None:
    assert language_of("", "a/b.py") is language_of("python")


SOURCES = st.text("()[]{}\"'`#/*-a\\\n", max_size=30)


@given(SOURCES, SOURCES, st.sampled_from(["python", "javascript", "rust", "go", "lua"]))
def test_a_line_is_a_good_place_to_go_on(before: str, line: str, name: str) -> None:
    language = language_of(name)
    before += "\n"
    line = line.replace("\n", "")
    state, last = state_before_line(before + line, language)
    assert last == line
    whole = scan(before + line, language)
    assert scan(line, language, state).stack == whole.stack


@given(SOURCES, st.sampled_from(["python", "javascript", "rust"]))
def test_steps_lead_to_where_scanning_does(text: str, name: str) -> None:
    language, state, end = language_of(name), State(), 0
    for begin, end_of_sign, after in steps(text, language):
        assert end <= begin < end_of_sign <= len(text)
        assert after != state
        end, state = end_of_sign, after
    assert state == scan(text, language)


@given(st.lists(st.sampled_from(["f(", "]", "'''", "# '", "x = 1", "`"]), max_size=40), st.integers(1, 200))
def test_reading_in_pieces_makes_no_difference(lines: list[str], times: int) -> None:
    language = language_of("python")
    prefix = "\n".join(lines * times)[:30_000] + "\n"
    assert state_before_line(prefix + "f(", language) == (State(scan(prefix, language).stack), "f(")


def test_of_a_long_text_the_end_is_read() -> None:
    prefix = "def f():\n    '''(((\n    text\n    '''\n    return 1\n\n" * 4000 + "def g(a, b=["
    state, line = state_before_line(prefix, language_of("python"))
    assert (state.stack, line) == ((), "def g(a, b=[")
