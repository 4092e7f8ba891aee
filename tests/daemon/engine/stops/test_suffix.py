"""Meeting what stands after the cursor, on its line and on the lines below."""

import pytest

from .....daemon.engine.stops.suffix import overlap, solid_text
from .text import generate


@pytest.mark.parametrize(
    ("marked", "text", "kept"),
    [
        ("f(|)\n", "a, b)\n", "a, b"),
        ("f(|)\n", "g(a), b)\n", "g(a), b"),
        ("f(g(|)\n", "a))\n", "a)"),
        ("f(g(|))\n", "a))\n", "a"),
        ("f(\n    g(|)\n)\n", "a))\n", "a"),
        ("x = f(\n    a,\n    b|)\n", ", c)\n", ", c"),
        ("print('he|')\n", "llo')\n", "llo"),
        ("print('he|')\n", "llo (you)')\n", "llo (you)"),
        ("x[|]\n", "i]\n", "i"),
        ("if f(|):\n", "a):\n    b\n", "a"),
        ("f('ut|rrogates')\n", "f-8', 'surrogates')\n", "f-8', 'su"),
        ("f(|, 3)\n", "2, 3)\n", "2"),
        ("x = |  # the answer\n", "42  # the answer\n", "42"),
        ("for | in range(9):\n", "index in range(9):\n", "index"),
        ("x = | + offset_of_all_the_lines_before_it\n", "a + offset_of_all_the_lines", "a"),
    ],
)
def test_text_stops_before_the_rest_of_the_line(marked: str, text: str, kept: str) -> None:
    outcome = generate(marked, text)
    assert (outcome.text, outcome.finish) == (kept, "suffix")


@pytest.mark.parametrize(
    ("marked", "text", "kept"),
    [("if |:\n", "x > 0:\n", "x > 0"), ("return |;\n", "a + b;\n", "a + b"), ("x = | - 1\n", "n - 1\n", "n")],
)
def test_short_rest_must_match_to_the_end_of_the_line(marked: str, text: str, kept: str) -> None:
    outcome = generate(marked, text)
    assert (outcome.text, outcome.finish) == (kept, "suffix")


@pytest.mark.parametrize(
    ("marked", "text", "kept"),
    [
        ("f(|)\n", "g(a)\n", "g(a)"),
        ("x = [|]\n", "y[0], z[1]\n", "y[0], z[1]"),
        ("print('|')\n", "(a)\n", "(a)"),
        ("x = |  # the answer\n", "42  # the question\n", "42  # the question"),
        ("if |:\n", "x[1:2]\n", "x[1:2]"),
        ("x = |path\n", "path_of(path_a)\n", "path_of(path_a)"),
        ("f('ut|rrogate')\n", "f-8', 'su\n", "f-8', 'su"),
        ("m[a] = m[|N | B)\n", "a] & ~c\n", "a] & ~c"),
        ("f(g(|\n", "a), b)\n", "a), b)"),
    ],
)
def test_likeness_is_not_enough(marked: str, text: str, kept: str) -> None:
    outcome = generate(marked, text, multiline=False)
    assert (outcome.text, outcome.finish) == (kept, "line")


@pytest.mark.parametrize(
    ("marked", "text", "kept"), [("x = | or None\n", "y or None", "y"), ("f(|)\n", "a", "a")]
)
def test_rest_is_cut_when_the_model_ends(marked: str, text: str, kept: str) -> None:
    assert generate(marked, text).text == kept


BELOW = "def f(a):\n    |\n    return compute(a)\n"
WEAK = "def f(a):\n    |\n    pass\n    done()\n"


@pytest.mark.parametrize(
    ("marked", "text", "kept", "finish"),
    [
        (BELOW, "a += 1\n    return compute(a)\n    x", "a += 1", "suffix"),
        (BELOW, "a += 1\n\n    return compute(a)\n    x", "a += 1", "suffix"),
        (BELOW, "return compute(a)\n", "", "suffix"),
        (BELOW, "a += 1\n        return compute(a)\n", "a += 1\n        return compute(a)", None),
        (BELOW, "a += 1\n    return compute(a) + 1\n", "a += 1\n    return compute(a) + 1", None),
        (WEAK, "a += 1\n    pass\n    done()\n", "a += 1", "suffix"),
        (WEAK, "a += 1\n    pass\n    other()\n", "a += 1\n    pass\n    other()", None),
        ("if x:\n    |\n    pass\n", "a += 1\n    pass\n", "a += 1", "suffix"),
    ],
)
def test_text_stops_before_a_line_that_is_already_there(
    marked: str, text: str, kept: str, finish: str | None
) -> None:
    outcome = generate(marked, text)
    assert (outcome.text, outcome.finish) == (kept, finish)


def test_line_already_there_is_cut_when_the_model_ends_in_it() -> None:
    assert generate(BELOW, "a += 1\n    return compute(a)").text == "a += 1"
    assert generate(WEAK, "a += 1\n    pass\n    done()").text == "a += 1"


def test_text_that_may_be_the_line_below_is_not_shown() -> None:
    outcome = generate(BELOW, "a += 1\n    return compute(b)\n")
    shown = ["".join(outcome.pieces[: count + 1]) for count in range(len(outcome.pieces))]
    assert "a += 1\n    return compute" not in shown
    assert "a += 1\n    return compute(b" in shown


def test_overlap_is_the_longest_end_that_begins_the_rest() -> None:
    assert overlap("f(a, b", ", b, c)") == 3
    assert overlap("aa", "aab") == 2
    assert overlap("", "x") == overlap("x", "") == 0


def test_solid_text_counts_visible_characters_and_letters() -> None:
    assert solid_text("return x", 7, 7)
    assert not solid_text("return x", 8, 1)
    assert not solid_text("):):):", 4, 1)
