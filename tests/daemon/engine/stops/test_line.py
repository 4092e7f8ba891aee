"""Single-line mode and blank lines."""

import pytest

from .text import generate


@pytest.mark.parametrize(
    ("marked", "text", "kept"),
    [
        ("x = |\n", "1\ny = 2\n", "1"),
        ("x = |\n", "1  \t\ny", "1"),
        ("x = 1|\n", "\ny = 2\n", ""),
        ("    |\n", "x = 1\n    y", "x = 1"),
        ("|\n", "\nimport os\nimport re\n", "\nimport os"),
        ("x = |\r\n", "f()\n", "f()"),
    ],
)
def test_one_line_ends_at_the_first_line_with_text(marked: str, text: str, kept: str) -> None:
    outcome = generate(marked, text, multiline=False)
    assert (outcome.text, outcome.finish) == (kept, "line")


@pytest.mark.parametrize(
    ("marked", "text", "kept"),
    [
        ("def f():\n    |", "x = 1\n\n\n    y = 2\n", "x = 1"),
        ("class A:|", "\n\n\n    x = 1\n", ""),
        ("x = 1\n|", "y = 2\n\n\n\nz = 3\n", "y = 2"),
        ("x = 1\n|", "\n\n\n\n\n", ""),
    ],
)
def test_too_many_blank_lines_end_the_text(marked: str, text: str, kept: str) -> None:
    outcome = generate(marked, text, multiline=True)
    assert (outcome.text, outcome.finish) == (kept, "block")


@pytest.mark.parametrize(
    ("marked", "text"),
    [("def f():\n    |", "x = 1\n\n    y = 2"), ("x = 1\n|", "y = 2\n\n\nz = 3")],
)
def test_usual_blank_lines_stay(marked: str, text: str) -> None:
    outcome = generate(marked, text, multiline=True)
    assert (outcome.text, outcome.finish) == (text, None)
