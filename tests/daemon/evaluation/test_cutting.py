"""Where a cursor may stand in a line, and what is not written yet."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.evaluation.cutting import (
    KINDS,
    LEAST_REST,
    MOST_BLOCK,
    Kind,
    column,
    indent_of,
    resume,
)

LINES = st.text(st.sampled_from("ab1._()[]=,# \t\"'"), max_size=40)


@given(st.sampled_from(KINDS), LINES, st.integers(0, 1000))
def test_a_cursor_stands_behind_the_indentation_and_before_something(
    kind: Kind, line: str, seed: int
) -> None:
    at = column(kind, line, random.Random(seed))
    if at is None:
        return
    text = line.rstrip()
    assert indent_of(text) <= at < len(text)
    if kind == "empty line":
        assert not line[:at].strip()
    if kind == "rest of line":
        assert line[:at].strip()
        assert len(text) - at >= LEAST_REST
    if kind == "after a dot":
        assert line[at - 1] == "."
        assert line[at].isalpha() or line[at] == "_"


@pytest.mark.parametrize(
    ("line", "dots"),
    [
        ("    self.items.append(value)\n", {9, 15}),
        ("value = call().result\n", {15}),
        ("ratio = 1.5 + 2.25\n", set()),
        ("# see also os.path.join\n", set()),
        ("from .. import things_here\n", set()),
        ("short.x\n", set()),
    ],
)
def test_dots_of_attributes_are_found(line: str, dots: set[int]) -> None:
    drawn = {column("after a dot", line, random.Random(seed)) for seed in range(40)}
    assert drawn - {None} == dots
    assert (None in drawn) == (not dots)


BLOCK = [
    "def f(x):\n",
    "    y = compute(x)\n",
    "    if y:\n",
    "        return y\n",
    "\n",
    "    return x\n",
    "z = 1\n",
]


@pytest.mark.parametrize(
    ("kind", "line", "end", "following"),
    [
        ("rest of line", 1, None, 2),
        ("after a dot", 1, None, 2),
        ("empty line", 1, None, 4),  # to the line that is empty
        ("empty line", 3, None, 4),  # to the end of the deeper block
        ("empty line", 5, None, 6),
        ("empty line", 6, None, 7),
        ("rest of line", 1, 4, 4),  # a commit added lines 1 to 3: none of them is there yet
        ("empty line", 3, 4, 4),
    ],
)
def test_what_was_written_together_is_not_there_yet(
    kind: Kind, line: int, end: int | None, following: int
) -> None:
    assert resume(kind, BLOCK, line, end) == following


def test_a_long_block_is_taken_out_in_part() -> None:
    assert resume("empty line", ["x = 1\n"] * 50, 3) == 3 + MOST_BLOCK
