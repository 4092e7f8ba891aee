"""Lines and pieces of lines that come again and again."""

import pytest

from .text import generate


@pytest.mark.parametrize(
    ("marked", "text", "kept"),
    [
        ("|", "x = f(1)\nx = f(1)\nx = f(1)\nx = f(1)\n", "x = f(1)"),
        ("|", "x = f(1)\n\nx = f(1)\n\nx = f(1)\n", "x = f(1)"),
        ("|", "a = 0\nx = 1\ny = 2\nx = 1\ny = 2\nx = 1\ny = 2\n", "a = 0\nx = 1\ny = 2"),
        ("x = f(1)\n|", "x = f(1)\nx = f(1)\n", "x = f(1)"),
        ("x = |\n", "f(1)\nx = f(1)\nx = f(1)\n", "f(1)"),
    ],
)
def test_repeated_lines_stay_once(marked: str, text: str, kept: str) -> None:
    outcome = generate(marked, text, multiline=True)
    assert (outcome.text, outcome.finish) == (kept, "repetition")


@pytest.mark.parametrize(
    "text",
    [
        "x = f(1)\nx = f(1)\ny = 2",
        "x = 1\ny = 2\nx = 1\nz = 3\nx = 1",
        "f([\n    (\n    ),\n    (\n    ),\n    (\n    ),\n])",
        "a = 1\nb = 1\nc = 1\nd = 1",
        "# ------------------------------------------------------------",
    ],
)
def test_ordinary_likeness_goes_on(text: str) -> None:
    outcome = generate("|", text, multiline=True)
    assert (outcome.text, outcome.finish) == (text, None)


def test_second_copy_waits_until_it_differs() -> None:
    outcome = generate("|", "x = f(1)\nx = f(2)\n", multiline=True)
    shown = ["".join(outcome.pieces[: count + 1]) for count in range(len(outcome.pieces))]
    assert "x = f(1)\nx" not in shown
    assert "x = f(1)\nx = f(2" in shown


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a" * 200, "a" * 24),
        ("x = [0, " + "0, " * 60, "x = [" + "0, " * 8),
        ("# " + "=-" * 80, "# " + "=-" * 12),
        ("x" + " " * 200, "x"),
        ("a, " + "number_of_blocks: int, " * 9, "a, number_of_blocks: int, number_of_blocks: int"),
    ],
)
def test_line_that_never_ends(text: str, kept: str) -> None:
    outcome = generate("|", text, multiline=False)
    assert (outcome.text.rstrip(), outcome.finish) == (kept.rstrip(), "repetition")


def test_two_copies_of_a_clause_in_a_line_are_none_yet() -> None:
    text = "number_of_blocks: int, number_of_blocks: int, number_of_bl"
    assert generate("|", text, multiline=False).text == text
