"""Medians, intervals and agreement are what their names say."""

import statistics as reference
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.bench.statistics import agreement, median, quantile, shared, speed_up, spread

TIMES = st.lists(st.floats(0.01, 1e4), min_size=1, max_size=40)
TOKENS = st.lists(st.integers(0, 3), min_size=1, max_size=6)


@given(TIMES)
def test_the_median_is_that_of_the_standard_library(values: list[float]) -> None:
    assert median(values) == pytest.approx(reference.median(values))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_quartiles_are_those_of_the_standard_library(values: list[float]) -> None:
    found = spread(values)
    expected = reference.quantiles(values, n=4, method="inclusive")
    assert (found.low, found.median, found.high) == pytest.approx(tuple(expected), abs=1e-6)


@given(TIMES, st.floats(0, 1), st.floats(0, 1))
def test_quantiles_rise(values: list[float], one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert quantile(values, low) <= quantile(values, high) + 1e-9


@given(TIMES, st.floats(0.1, 10))
def test_a_constant_speed_up_is_found_with_no_doubt(times: list[float], factor: float) -> None:
    found = speed_up([factor * time for time in times], times)
    assert (found.low, found.value, found.high) == pytest.approx((factor,) * 3)


@given(st.lists(st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)), min_size=1, max_size=20))
def test_the_interval_holds_the_ratio(pairs: list[tuple[float, float]]) -> None:
    found = speed_up([a for a, _ in pairs], [b for _, b in pairs])
    assert found.low <= found.value * (1 + 1e-9)
    assert found.value <= found.high * (1 + 1e-9)


def test_more_prompts_make_the_interval_narrower() -> None:
    plain, other = [10.0, 12.0, 9.0, 14.0, 11.0], [8.0, 6.0, 9.5, 7.0, 10.0]
    few, many = speed_up(plain, other), speed_up(plain * 20, other * 20)
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(("plain", "other"), [([], []), ([1.0], []), ([1.0, 2.0], [1.0]), ([0.0], [1.0])])
def test_times_that_are_no_pairs_are_refused(plain: list[float], other: list[float]) -> None:
    with pytest.raises(ValueError, match="pairs"):
        speed_up(plain, other)


@given(TOKENS, TOKENS)
def test_shared_counts_to_the_first_difference(left: list[int], right: list[int]) -> None:
    count = shared(left, right)
    assert left[:count] == right[:count]
    assert left[count : count + 1] != right[count : count + 1] or count == min(len(left), len(right))


@given(st.lists(TOKENS, min_size=1, max_size=5))
def test_the_same_outputs_agree_wholly(outputs: list[list[int]]) -> None:
    assert agreement(outputs, outputs) == (1.0, len(outputs))


def test_agreement_ends_at_the_first_difference() -> None:
    assert agreement([[1, 2, 3, 4], [5, 6]], [[1, 2, 0, 4], [5, 6]]) == (4 / 6, 1)


@pytest.mark.parametrize("outputs", [([[1]], [[1, 2]]), ([[]], [[]])])
def test_outputs_of_other_lengths_do_not_compare(outputs: Any) -> None:
    with pytest.raises(ValueError, match="equal lengths"):
        agreement(*outputs)
