"""Scales: places inside the frame, in order, and round values around all data."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ....daemon.report.scales import Bands, Linear, histogram, round_step, rungs

finite = st.floats(-1e9, 1e9, allow_nan=False)


def test_places_of_a_scale() -> None:
    scale = Linear(0.0, 10.0, 40.0, 240.0)
    assert [scale(value) for value in (-5.0, 0.0, 2.5, 10.0, 99.0)] == [40.0, 40.0, 90.0, 240.0, 240.0]
    up = Linear(0.0, 1.0, 200.0, 20.0)
    assert [up(value) for value in (0.0, 0.5, 1.0)] == [200.0, 110.0, 20.0]
    assert Linear(3.0, 3.0, 0.0, 100.0)(3.0) == 50.0


@given(finite, finite, finite, st.floats(0, 1e4), st.floats(0, 1e4))
def test_a_place_is_inside_the_frame(low: float, high: float, value: float, start: float, end: float) -> None:
    place = Linear(low, high, start, end)(value)
    assert min(start, end) - 1e-6 <= place <= max(start, end) + 1e-6


@given(finite, finite, st.lists(finite, min_size=2, max_size=20))
def test_places_are_in_the_order_of_values(low: float, high: float, values: list[float]) -> None:
    assume(low < high)
    places = [Linear(low, high, 0.0, 600.0)(value) for value in sorted(values)]
    assert all(after >= before - 1e-9 for before, after in pairwise(places))


@given(st.integers(1, 60), st.floats(0, 0.9))
def test_bands_lie_side_by_side_inside_the_frame(count: int, gap: float) -> None:
    bands = Bands(count, 40.0, 640.0, gap)
    edges = [edge for index in range(count) for edge in (bands.left(index), bands.left(index) + bands.width)]
    assert all(after >= before - 1e-9 for before, after in pairwise(edges))
    assert edges[0] >= 40.0 - 1e-9
    assert edges[-1] <= 640.0 + 1e-9
    assert bands.middle(0) == pytest.approx(bands.left(0) + bands.width / 2)


def test_round_steps() -> None:
    assert [round_step(span, 5) for span in (1.0, 1.2, 3.0, 7.0, 12.0, 0.004)] == pytest.approx(
        [0.2, 0.25, 1.0, 2.0, 2.5, 0.001]
    )
    for span, count in ((0.0, 5), (-1.0, 5), (math.inf, 5), (1.0, 0)):
        with pytest.raises(ValueError, match="positive"):
            round_step(span, count)


@given(st.floats(1e-9, 1e12), st.integers(1, 12))
def test_a_round_step_is_the_least_that_suffices(span: float, count: int) -> None:
    step = round_step(span, count)
    assert step * count >= span * (1 - 1e-6)
    assert step * count <= 2.51 * span or count == 1
    lead = step / 10.0 ** math.floor(math.log10(step) + 1e-9)
    assert any(lead == pytest.approx(round_) for round_ in (1, 2, 2.5, 5, 10))


def test_round_values_around_data() -> None:
    assert rungs([1.2, 0.4]) == [0.0, 0.25, 0.5, 0.75, 1.0, 1.25]
    assert rungs([-0.2, 1.0]) == [-0.25, 0.0, 0.25, 0.5, 0.75, 1.0]
    assert rungs([-3.0]) == [-3.0, -2.0, -1.0, 0.0]
    assert rungs([3.0], 4, least=4) == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert rungs([]) == rungs([0.0]) == [0.0, 1.0]


@given(st.lists(finite, max_size=20), st.integers(2, 8))
def test_round_values_hold_zero_and_all_data(values: list[float], count: int) -> None:
    found = rungs(values, count)
    assume(max(map(abs, values), default=1.0) > 1e-6)
    wide = found[-1] - found[0]
    assert 0.0 in found
    assert all(found[0] - 1e-9 * wide <= value <= found[-1] + 1e-9 * wide for value in values)
    assert found == sorted(set(found))
    assert len(found) <= count + 3


def test_a_histogram_takes_what_lies_beyond_into_its_ends() -> None:
    assert histogram([-1.0, 0.0, 0.99, 1.0, 2.5, 100.0], 0.0, 1.0, 3) == [3, 1, 2]


@given(st.lists(finite, max_size=50), st.integers(1, 30))
def test_a_histogram_loses_nothing(values: list[float], count: int) -> None:
    assert sum(histogram(values, 0.0, 2.5, count)) == len(values)
