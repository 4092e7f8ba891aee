"""Tables, facts and sizes: columns stand under their heads, numbers are as long as they are said to be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.cli.columns import billions, facts, gib, size, table

words = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), max_size=12)


def test_a_table_without_rows_is_its_heads_and_a_line() -> None:
    assert table(("name", "GiB"), []) == "name  GiB\n────  ───\n"


def test_numbers_stand_under_the_end_of_their_head() -> None:
    made = table(("name", "weights"), [("a longer name", "1 B"), ("b", "12.5 B")], frozenset({1}))
    assert made.splitlines() == [
        "name           weights",
        "─────────────  ───────",
        "a longer name      1 B",
        "b               12.5 B",
    ]


@given(st.lists(st.tuples(words, words, words), max_size=6), st.frozensets(st.integers(0, 2)))
def test_every_cell_is_in_its_column_whatever_the_others_hold(
    rows: list[tuple[str, str, str]], right: frozenset[int]
) -> None:
    whole = [*rows, ("x" * 13, "y" * 13, "z" * 13)]
    lines = table(("one", "two", "three"), whole, right).splitlines()
    columns = [match.span() for match in re.finditer("─+", lines[1])]
    for line, cells in zip(lines[2:], whole, strict=True):
        assert [line.ljust(99)[begin:end].strip() for begin, end in columns] == list(cells)
    assert not any(line.endswith(" ") for line in lines)


def test_a_fact_without_a_name_goes_on_with_the_one_above() -> None:
    assert facts([("memory", "on cpu"), ("", "and more"), ("", "")]) == "memory  on cpu\n        and more\n\n"


@pytest.mark.parametrize(
    ("count", "says"),
    [(0, "0 MiB"), (1 << 20, "1 MiB"), ((1 << 30) - (1 << 20), "1023 MiB"), (1 << 30, "1.00 GiB")],
)
def test_a_size_has_the_unit_that_suits_it(count: int, says: str) -> None:
    assert size(count) == says


def test_gib_have_two_digits_below_ten_and_one_above() -> None:
    assert [gib(count << 30) for count in (0, 1, 10, 120)] == ["0.00", "1.00", "10.0", "120.0"]


@pytest.mark.parametrize(
    ("count", "says"),
    [
        (494_032_768, "494 M"),
        (1_543_714_304, "1.54 B"),
        (999_600_000, "1.00 B"),
        (9_996_000_000, "10.0 B"),
        (99_960_000_000, "100 B"),
        (0, "0.00 M"),
    ],
)
def test_weights_are_counted_in_millions_or_billions(count: int, says: str) -> None:
    assert billions(count) == says
    assert billions(count, exact=False) == f"≈{says}"


@given(st.integers(0, 999_499_999_999))
def test_a_number_of_weights_is_three_digits_long_and_off_by_less_than_a_hundredth(count: int) -> None:
    number, unit = billions(count).split()
    assert len(number.replace(".", "")) <= 3
    assert float(number) * {"M": 1e6, "B": 1e9}[unit] == pytest.approx(count, rel=0.006, abs=5000)
