"""Warm-up, stable, decay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....models.training.schedule import Schedule


def test_the_phases() -> None:
    stable = Schedule(warmup=100)
    assert stable.factor(0) == pytest.approx(0.01)
    assert stable.factor(49) == pytest.approx(0.5)
    assert stable.factor(100) == stable.factor(10**9) == 1.0
    decay = Schedule(decay=400)
    assert decay.factor(0) == 1.0
    assert decay.factor(100) == pytest.approx(0.5)
    assert decay.factor(400) == decay.factor(500) == 0.0


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 3000))
def test_the_factor_stays_between_nothing_and_one(warmup: int, decay: int, seen: int) -> None:
    assert 0.0 <= Schedule(warmup, decay).factor(seen) <= 1.0


@given(st.integers(1, 1000), st.integers(0, 999))
def test_a_decay_only_falls(decay: int, seen: int) -> None:
    schedule = Schedule(decay=decay)
    assert schedule.factor(seen + 1) <= schedule.factor(seen)
