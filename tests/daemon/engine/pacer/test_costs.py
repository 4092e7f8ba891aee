"""The cost surfaces: measured cells, the linear model between them, fixed widths, and a busy machine."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.pacer.costs import TIERS, Costs, Surface, tier_of


def linear(size: int, length: int) -> float:
    """A machine whose steps take so many milliseconds."""
    return 2.0 + 0.3 * size + 0.001 * length


def measured(sizes: list[int], lengths: list[int], times: int = 8) -> Surface:
    surface = Surface(9)
    for _ in range(times):
        for size in sizes:
            for length in lengths:
                surface.add(size, length, linear(size, length))
    return surface


def test_sizes_and_lengths_never_measured_follow_the_line() -> None:
    row = measured([1, 5, 9], [256, 768]).row(768)
    for size in range(1, 10):
        assert row[size] == pytest.approx(linear(size, 768), rel=0.05)
    far = measured([1, 5, 9], [256, 768, 1536]).row(3000)
    assert far[4] == pytest.approx(linear(4, 3072), rel=0.1)


def test_one_measurement_serves_all_sizes() -> None:
    flat, rising = Surface(9), Surface(9, slope=0.2)
    for surface in (flat, rising):
        surface.add(2, 100, 5.0)
    assert flat.row(4000)[1:] == pytest.approx([5.0] * 9)
    assert rising.row(4000)[2:5] == pytest.approx([5.0, 5.5, 6.0])
    assert Surface(9, slope=0.2).row(0)[1:3] == pytest.approx([1.0, 1.2])


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 60_000), st.floats(1e-3, 1e5)), min_size=1, max_size=40
    )
)
def test_a_row_is_positive_and_never_falls(measurements: list[tuple[int, int, float]]) -> None:
    surface = Surface(9)
    for size, length, ms in measurements:
        surface.add(size, length, ms)
    for length in (0, 700, 50_000):
        row = surface.row(length)
        assert row[0] == 0.0 < row[1]
        assert all(low <= high for low, high in pairwise(row))
        assert all(math.isfinite(ms) for ms in row)


def test_fixed_widths_cost_what_the_next_larger_one_does() -> None:
    surface = Surface(9, sizes=(1, 4, 8))
    for _ in range(20):
        for size, ms in ((1, 1.0), (4, 2.0), (8, 4.0)):
            surface.add(size, 100, ms)
    row = surface.row(100)
    assert [surface.executed(size) for size in (1, 2, 4, 5, 8, 9, 20)] == [1, 4, 4, 8, 8, 9, 9]
    assert row[2] == row[3] == row[4]
    assert row[5] == row[8] > row[4]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_tiers_follow_length(short: int, long: int) -> None:
    short, long = sorted((short, long))
    assert 0 <= tier_of(short) <= tier_of(long) < TIERS


def test_outliers_leave_the_costs_alone() -> None:
    costs = Costs(8)
    for index in range(60):
        costs.verified(1, 100, 500.0 if index % 7 == 3 else 2.0)
    assert costs.plain(100) == pytest.approx(2.0, rel=0.2)


def test_a_busy_machine_is_a_pace_and_changes_no_ratio() -> None:
    costs = Costs(8)
    for _ in range(30):
        costs.verified(1, 100, 2.0)
        costs.verified(5, 100, 3.0)
        costs.drafted(1, 100, 0.4)
    quiet = costs.verify.row(100)[5] / costs.plain(100)
    for _ in range(12):
        costs.verified(1, 100, 6.0)
    assert costs.pace > 1.4
    assert costs.plain(100) * costs.pace == pytest.approx(6.0, rel=0.35)
    assert costs.verify.row(100)[5] / costs.plain(100) == pytest.approx(quiet, rel=0.5)


def test_a_backlog_costs_by_the_token() -> None:
    costs = Costs(8)
    assert costs.fill(100) == 0.0
    costs.drafted(1, 0, 0.8)
    assert costs.fill(100) == pytest.approx(10.0)
    costs.filled(50, 2.0)
    assert costs.fill(100) == pytest.approx(4.0)
    assert costs.fill(0) == 0.0


def test_what_is_exported_can_be_restored() -> None:
    costs = Costs(8)
    for width in (1, 3, 9):
        for _ in range(5):
            costs.verified(width, 600, 1.0 + width)
    costs.drafted(2, 600, 0.5)
    costs.filled(10, 1.0)
    other = Costs(8)
    other.restore(costs.verify.export(), costs.draft.export(), 0.1)
    assert other.plain(600) == pytest.approx(costs.plain(600), rel=0.05)
    assert other.verify.row(600)[9] == pytest.approx(10.0, rel=0.05)
    assert other.fill(10) == pytest.approx(1.0)
