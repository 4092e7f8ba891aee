"""The stopping rule against brute force, and the length of a proposal at hand."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .....daemon.engine.pacer.outlook import Outlook
from .....daemon.engine.pacer.signals import PLACES
from .....daemon.engine.pacer.stopping import LEVELS, STEP, Prices, best_length, level_of, solve


def prices(
    draft: float, widening: float, *, token: float = 1.0, calls: tuple[int, ...] = (1,), call: float = 0.0
) -> Prices:
    """Costs in plain steps: ``call`` for each call of the draft loop and ``draft`` for each of its steps."""
    return Prices(
        verify=[0.0, *(1.0 + widening * extra for extra in range(9))],
        draft=[0.0, *(call + draft * steps for steps in range(1, 9))],
        token=token,
        calls=calls,
        live=1.0,
    )


def certain(chance: float) -> Outlook:
    """Every token has the same chance."""
    return Outlook(np.ones((PLACES, 1)), np.full((PLACES, 1), chance))


def gain_of(length: int, chance: float, costs: Prices) -> float:
    """Expected gain over a plain step of drafting ``length`` tokens in calls of one step."""
    reward = sum(chance**depth for depth in range(1, length + 1)) * costs.token
    return reward - length * costs.draft[1] - costs.verify[length + 1] + costs.verify[1]


@settings(deadline=None)
@given(st.floats(0.05, 0.98), st.floats(0.0, 0.5), st.floats(0.0, 0.4), st.floats(0.3, 1.0))
def test_with_a_known_chance_it_is_the_best_fixed_length(
    chance: float, draft: float, widening: float, token: float
) -> None:
    costs = prices(draft, widening, token=token)
    stopping = solve(certain(chance), costs, 8)
    best = max(gain_of(length, chance, costs) for length in range(9))
    assert stopping.gain == pytest.approx(best, rel=0.03, abs=0.06)  # told a little high between levels
    depth, level = 0, 0.0
    while depth < 8 and stopping.steps[depth][level_of(level)]:
        depth += 1
        level += math.log(chance)
    assert gain_of(depth, chance, costs) == pytest.approx(best, rel=0.03, abs=0.03)


def test_it_stops_when_the_signal_was_bad_and_goes_on_when_it_was_good() -> None:
    outlook = Outlook(np.full((PLACES, 2), 0.5), np.tile([0.95, 0.2], (PLACES, 1)))
    stopping = solve(outlook, prices(0.1, 0.0), 8)
    assert stopping.steps[1][level_of(math.log(0.95))] == 1
    assert stopping.steps[1][level_of(math.log(0.1))] == 0


def test_knowing_more_is_worth_more() -> None:
    told = Outlook(np.full((PLACES, 2), 0.5), np.tile([0.95, 0.25], (PLACES, 1)))
    costs = prices(0.1, 0.2)
    assert solve(told, costs, 8).gain > solve(certain(0.6), costs, 8).gain + 0.05


def test_dear_calls_are_made_longer() -> None:
    calls = (1, 2, 4, 8)
    one_by_one = solve(certain(0.85), prices(0.05, 0.0, calls=calls), 8)
    together = solve(certain(0.85), prices(0.05, 0.0, calls=calls, call=0.3), 8)
    assert one_by_one.steps[0][0] == 1
    assert together.steps[0][0] >= 4


CHANCES = st.lists(st.floats(0.0, 1.0), max_size=8)
WIDENINGS = st.lists(st.floats(0.0, 1.0), min_size=8, max_size=8)


@given(CHANCES, WIDENINGS, st.floats(0.3, 1.0), st.floats(0.5, 1.0))
def test_a_proposal_is_cut_where_it_gains_most(
    chances: list[float], widenings: list[float], token: float, live: float
) -> None:
    verify = [0.0, *itertools.accumulate(widenings, initial=1.0)]
    costs = replace(prices(0.0, 0.0, token=token), verify=verify, live=live)
    count, gain = best_length(chances, costs)
    kept = itertools.accumulate((chance * live for chance in chances), float.__mul__, initial=1.0)
    survivals = list(kept)[1:]
    gains = [
        sum(survivals[:length]) * token - costs.verify[length + 1] + 1.0 for length in range(len(chances) + 1)
    ]
    assert gain == pytest.approx(gains[count], abs=1e-9)
    assert gain == pytest.approx(max(gains), abs=1e-9)


def test_no_chance_is_asked_for_that_cannot_matter() -> None:
    asked: list[int] = []

    def chances() -> Iterator[float]:
        for index in range(8):
            asked.append(index)
            yield 0.3

    assert best_length(chances(), prices(0.0, 0.4))[0] == 0
    assert asked == [0]


@given(st.floats(-50.0, 0.0))
def test_levels_are_within_the_table(log_survival: float) -> None:
    level = level_of(log_survival)
    assert 0 <= level < LEVELS
    if level < LEVELS - 1:
        assert abs(level * STEP + log_survival) <= STEP / 2 + 1e-9
