"""Milliseconds a character, and how sure they are."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ....daemon.evaluation.ranking import Cost, Resampling, differ

COSTS = st.lists(st.builds(Cost, st.floats(1.0, 100.0), st.integers(1, 80)), min_size=2, max_size=8)


def noisy(ms: float, seed: int, places: int = 30) -> list[Cost]:
    """Costs of places that differ much in length, and little otherwise."""
    draw, own = random.Random(0), random.Random(seed)
    sizes = [draw.randint(5, 200) for _ in range(places)]
    return [Cost(20.0 + ms * size * own.uniform(0.98, 1.02), size) for size in sizes]


@settings(max_examples=10)
@given(COSTS)
def test_a_figure_lies_in_its_interval_and_between_the_places(costs: list[Cost]) -> None:
    found = Resampling(len(costs)).per_character(costs)
    rates = [cost.ms / cost.characters for cost in costs]
    assert min(rates) <= found.low * 1.0001
    assert found.low <= found.value * 1.0001
    assert found.value <= found.high * 1.0001
    assert found.high <= max(rates) * 1.0001


@settings(max_examples=10)
@given(COSTS, st.floats(0.5, 3.0))
def test_the_same_ratio_everywhere_is_sure(costs: list[Cost], ratio: float) -> None:
    slower = [Cost(cost.ms * ratio, cost.characters) for cost in costs]
    found = Resampling(len(costs)).faster(slower, costs)
    assert (found.low, found.value, found.high) == pytest.approx((ratio, ratio, ratio))


def test_places_are_compared_with_themselves() -> None:
    """Rates differ by far more between places than between candidates, and yet these are told apart."""
    plain, other = noisy(1.0, 1), noisy(0.97, 2)
    draws = Resampling(len(plain))
    assert draws.per_character(plain).low < draws.per_character(other).high
    assert differ(draws.faster(plain, other))
    assert not differ(draws.faster(plain, noisy(1.0, 3)))


def test_empty_answers_cost_time_and_give_nothing() -> None:
    costs = [Cost(10.0, 10), Cost(10.0, 0)]
    assert Resampling(2).per_character(costs).value == pytest.approx(2.0)
    with pytest.raises(ValueError, match="no place has a character"):
        Resampling(1).per_character([Cost(10.0, 0)])
