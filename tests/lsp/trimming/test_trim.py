"""All rules together: what holds for every text and every place."""

from hypothesis import given
from hypothesis import strategies as st

from ....lsp.scanner import State, scan
from ....lsp.trimming import Around, Style, trim

PIECES = [
    *"()[]{}\"'`:;,#/*-=. \t\n",
    "    ",
    "  ",
    "\n    ",
    "if x:",
    "def f",
    "return",
    "end",
    "a",
    "bc",
    "//",
    '"""',
]
CODE = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
LANGUAGES = st.sampled_from(["python", "javascript", "go", "rust", "lua", "html"])
STYLES = st.sampled_from([None, Style(tabs=True), Style(width=2), Style(width=4)])
PLACES = st.builds(Around, CODE, CODE, language=LANGUAGES, indent=st.sampled_from([None, 0, 4]), style=STYLES)


@given(CODE, PLACES)
def test_trimming_twice_changes_nothing(text: str, around: Around) -> None:
    once = trim(text, around)
    assert trim(once, around) == once


@given(CODE, PLACES)
def test_no_closer_is_left_without_an_opener(text: str, around: Around) -> None:
    def unmatched(middle: str) -> int:
        state = State(around.at_line.stack)
        return scan(around.line + middle + around.suffix, around.syntax, state).unmatched

    assert unmatched(trim(text, around)) <= unmatched("")


def visible(text: str) -> str:
    """The text without blanks."""
    return "".join(text.split())


@given(CODE, PLACES)
def test_but_for_blanks_the_result_is_a_beginning_of_the_text(text: str, around: Around) -> None:
    assert visible(text).startswith(visible(trim(text, around)))


@given(CODE, PLACES)
def test_in_a_buffer_without_tabs_nothing_grows_but_indentation(text: str, around: Around) -> None:
    trimmed = trim(text, around)
    assert len(trimmed.split("\n")) <= len(text.split("\n"))
    for line, before in zip(trimmed.split("\n"), text.split("\n"), strict=False):
        assert len(line.lstrip()) <= len(before.lstrip())


@given(CODE, PLACES)
def test_nothing_ends_in_blanks_and_nothing_is_blank(text: str, around: Around) -> None:
    trimmed = trim(text, around)
    assert trimmed == "" or trimmed.strip()
    if not around.rest.strip():
        assert trimmed == trimmed.rstrip()


def test_what_was_dismissed_is_not_shown() -> None:
    around = Around("x = ", "\n", "python")
    assert trim("compute()", around, lambda text: text == "compute()") == ""
    assert trim("compute(1)", around, lambda text: text == "compute()") == "compute(1)"
    assert trim("compute()  ", around, lambda text: text == "compute()") == "", "asked of the result"
