"""What one way saves over another, and its interval."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.doctor.saving import saving

TIMES = st.lists(st.tuples(st.floats(1.0, 1e4), st.floats(1.0, 1e4)), min_size=2, max_size=30)


def test_constant_saving_has_no_width() -> None:
    found = saving([10.0, 20.0, 30.0], [8.0, 18.0, 28.0])
    assert (found.ms.low, found.ms.value, found.ms.high) == pytest.approx((2.0, 2.0, 2.0))
    assert found.part.value == pytest.approx(0.1)
    assert found.gains
    assert not found.loses


@given(TIMES)
def test_interval_encloses_the_value_and_turns_with_the_sides(pairs: list[tuple[float, float]]) -> None:
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    found, turned = saving(left, right), saving(right, left)
    assert found.ms.low <= found.ms.value <= found.ms.high
    assert found.part.low <= found.part.value + 1e-12
    assert turned.ms.value == pytest.approx(-found.ms.value)
    assert not (found.gains and found.loses)


def test_interval_covers_the_truth_nineteen_times_in_twenty() -> None:
    draw = random.Random(1)
    covered = 0
    for seed in range(100):
        plain = [draw.gauss(50.0, 5.0) for _ in range(24)]
        other = [value - draw.gauss(2.0, 4.0) for value in plain]
        found = saving(plain, other, seed)
        covered += found.ms.low <= 2.0 <= found.ms.high
    assert 85 <= covered <= 100


@pytest.mark.parametrize(("plain", "other"), [([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, 0.0], [1.0, 1.0])])
def test_what_is_no_measurement_is_refused(plain: list[float], other: list[float]) -> None:
    with pytest.raises(ValueError, match="two pairs"):
        saving(plain, other)
