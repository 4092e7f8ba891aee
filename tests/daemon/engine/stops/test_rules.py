"""All rules together: pieces add up, the text decides alone, and nothing shown is taken back."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from .....daemon.engine.stops import StopRules
from ..tiny import SOURCE
from .text import generate, place

WORDS = [
    "x", "y = f(", ")", "):", "):\n", "]", "}", "{", "(", '"', "'",
    '"""', "#", "\\", ", ", " ", "  ", "    ",
    "\n", "\n\n", "\n    ",
    "\n        ", "return x", "pass", "def g(a):", "class A:", "else:", "end", "if x:",
    "0, ", "ab" * 30, "-" * 50, "x = 1\n", "    x = 1\n", "result = compute(x)",
    "é", "\t", "// c", "/*", "*/",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=25).map("".join)
marked = st.tuples(texts, texts).map("|".join)
paths = st.sampled_from(["a.py", "b.js", "c.rb"])
lines = st.sampled_from([True, False, None])


@settings(max_examples=400)
@given(marked, texts, paths, lines, st.integers(1, 40))
@example("x = f(|)\n", "1)\n", "a.py", False, 1)
def test_text_does_not_depend_on_how_it_was_divided(
    where: str, text: str, path: str, multiline: bool | None, step: int
) -> None:
    single = generate(where, text, path=path, multiline=multiline, step=1)
    other = generate(where, text, path=path, multiline=multiline, step=step)
    assert (single.text, single.finish) == (other.text, other.finish)
    for outcome in (single, other):
        assert "".join(outcome.pieces) == outcome.text
        assert text.startswith(outcome.text)


@settings(max_examples=100)
@given(st.integers(0, len(SOURCE)), st.integers(0, 400), lines)
def test_pieces_add_up_on_real_code(cursor: int, skipped: int, multiline: bool | None) -> None:
    where = SOURCE[max(0, cursor - 800) : cursor].replace("|", "/") + "|" + SOURCE[cursor + skipped :][:800]
    text = SOURCE[cursor : cursor + 500]
    outcome = generate(where, text, multiline=multiline, step=7)
    assert "".join(outcome.pieces) == outcome.text
    assert text.startswith(outcome.text)


@given(marked, lines)
def test_nothing_stops_before_there_is_text(where: str, multiline: bool | None) -> None:
    assert generate(where, "", multiline=multiline).finish is None
    assert generate(where, "", multiline=multiline).text == ""


def test_text_is_shown_as_it_comes() -> None:
    outcome = generate("def f():\n    |\n", "value = compute(1)\n    return value\n", step=4)
    assert outcome.pieces[:4] == ("valu", "e =", " comp", "ute(")


def test_trailing_blanks_wait() -> None:
    assert generate("x = |\n", "1  ", step=1).pieces[:3] == ("1", "", "")
    assert generate("x = |\n", "1  ").text == "1"


def test_blanks_before_text_on_the_line_stay() -> None:
    assert generate("x = |+ 1\n", "a ").text == "a "


def test_one_place_serves_many_generations() -> None:
    where = "def f():\n    |\n\nx = 1\n"
    assert place(where) == place(where)
    assert {generate(where, "return 1\n\n\ny = 2\n").text for _ in range(2)} == {"return 1"}


@settings(max_examples=200)
@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=60), lines)
def test_no_text_is_too_strange(prefix: str, suffix: str, text: str, multiline: bool | None) -> None:
    where = f"{prefix.replace('|', '')}|{suffix}"
    outcome = generate(where, text, multiline=multiline)
    assert "".join(outcome.pieces) == outcome.text
    assert text.startswith(outcome.text)


REPEATED = st.text("ab, é", min_size=1, max_size=7).filter(str.strip)


@given(REPEATED, st.integers(1, 5), lines)
def test_where_nothing_follows_no_text_ends_in_blanks(piece: str, step: int, multiline: bool | None) -> None:
    outcome = generate("x = |", piece * 60, multiline=multiline, step=step)
    assert outcome.text == outcome.text.rstrip()
    assert "".join(outcome.pieces) == outcome.text


def test_after_a_stop_the_end_of_the_generation_changes_nothing() -> None:
    rules = StopRules(place("x = |\n"), multiline=False)
    assert rules.feed("f(1)  \ng(") is not None
    before = rules.text
    rules.close()
    rules.close()
    assert (before, rules.text) == ("f(1)", "f(1)")


def test_text_is_handed_out_once() -> None:
    rules = StopRules(place("x = |\n"), multiline=False)
    rules.feed("f(1)")
    assert [rules.take(), rules.take()] == ["f(1)", ""]
    rules.close()
    assert rules.take() == ""


def test_the_first_reason_in_the_text_counts_though_more_came_with_it() -> None:
    stop = StopRules(place("x = |\n"), multiline=False).feed("1\n" + "\n" * 9 + "a" * 200)
    assert stop is not None
    assert (stop.keep, stop.finish) == (1, "line")
