"""When to stop drafting: backward induction over what the next signals may be.

Drafting is an optimal stopping problem (SpecDec++, arXiv 2405.19715, with measured costs in place of a
penalty). After i drafted tokens that all survive with chance S, stopping costs a target pass over i + 1
tokens; another call of the draft loop costs its time, and each token it adds brings its price times the
chance that it is reached and kept. A token whose signal turns out bad may be dropped again. The price of a
token is what a token costs on average: the ratio that the whole must fall below, as in Dinkelbach's method
for fractions.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .outlook import Outlook
from .signals import place_of

STEADY = 0.005
"""Relative change of a token's price that does not matter."""
LEVELS = 40
STEP = 0.1
"""Survival is kept as a level: its negative logarithm in steps of this size; the last level is about 0.02."""

Vector = NDArray[np.float64]

_SURVIVAL = np.exp(-STEP * np.arange(LEVELS))


def level_of(log_survival: float) -> int:
    """The level nearest to a survival of exp(``log_survival``)."""
    return min(LEVELS - 1, int(0.5 - log_survival / STEP))


@dataclass(frozen=True)
class Prices:
    """Milliseconds: ``verify`` by width, ``draft`` by steps of a call (both from index 0), a token's price.

    ``calls`` are the numbers of steps a call may have; ``live`` is the chance that the answer goes on after
    a token.
    """

    verify: Sequence[float]
    draft: Sequence[float]
    token: float
    calls: Sequence[int]
    live: float

    def hold(self, verify: Sequence[float], draft: Sequence[float], token: float, live: float) -> bool:
        """Whether these are still the very costs, a token's price but for what does not matter."""
        same = self.verify is verify and self.draft is draft and self.live == live
        return same and abs(token - self.token) <= STEADY * token

    @cached_property
    def further(self) -> list[float]:
        """The least that each token beyond so many drafted ones adds to the target pass, by that number."""
        verify = self.verify
        widest = len(verify)
        least = [
            min((verify[wider] - verify[width]) / (wider - width) for wider in range(width + 1, widest))
            for width in range(1, widest - 1)
        ]
        return [*least, math.inf]


@dataclass(frozen=True, slots=True)
class Stopping:
    """``steps[i][level]``: steps to draft next, 0 to stop. ``gain``: expected ms over a plain step."""

    steps: list[list[int]]
    gain: float


class _Move:
    """What one drafted token does to a value that depends on survival, for one place of the draft."""

    def __init__(self, weights: Vector, chances: Vector, price: float) -> None:
        kept = np.maximum(chances, 1e-3)
        survival = np.maximum(_SURVIVAL[:, None] * kept, _SURVIVAL[-1])
        self._low = np.minimum((-np.log(survival) / STEP).astype(int), LEVELS - 2)
        self._high = self._low + 1
        above, below = _SURVIVAL[self._low], _SURVIVAL[self._high]
        self._part = (above - survival) / (above - below)  # what a plan is worth is linear in survival
        self._reward = price * _SURVIVAL[:, None] * kept
        self._weights = weights

    def __call__(self, after: Vector, dropped: float) -> Vector:
        """Value by level before the token, given the value ``after`` it and that of dropping it."""
        value = self._reward + after[self._low] * (1.0 - self._part) + after[self._high] * self._part
        mean: Vector = np.maximum(value, dropped) @ self._weights
        return mean


def solve(outlook: Outlook, prices: Prices, most: int) -> Stopping:
    """The best number of further steps for every survival, at most ``most`` drafted tokens in all."""
    moves = [
        _Move(weights, chances * prices.live, prices.token)
        for weights, chances in zip(outlook.weights, outlook.chances, strict=True)
    ]
    value = np.full(LEVELS, -prices.verify[most + 1])
    forced = {0: value}  # value at the next position with so many steps of a call still to come
    steps = [[0] * LEVELS]
    for position in reversed(range(most)):
        stop = -prices.verify[position + 1]
        move = moves[place_of(position)]
        longest = min(max(prices.calls), most - position)
        under_way = {left: move(forced[left - 1], stop) for left in range(1, longest + 1)}
        value = np.full(LEVELS, stop)
        choice = np.zeros(LEVELS, dtype=int)
        for count in prices.calls:
            if count in under_way:
                called = under_way[count] - prices.draft[count]
                choice[called > value] = count
                value = np.maximum(value, called)
        forced = {0: value, **under_way}
        steps.append(choice.tolist())
    return Stopping(steps[::-1], float(value[0]) + prices.verify[1])


def best_length(chances: Iterable[float], prices: Prices) -> tuple[int, float]:
    """How many of the tokens at hand to verify, given their chances in order, and its gain over a plain step.

    Zero tokens gain nothing. No chance is asked for beyond where the tokens could still pay.
    """
    best, best_gain = 0, 0.0
    verify, further, live = prices.verify, prices.further, prices.live
    worth, gain = prices.token, verify[1]  # of the next token, should it be reached for certain
    for count, chance in enumerate(chances, 1):
        worth *= chance * live
        gain += worth
        if gain - verify[count + 1] > best_gain:
            best, best_gain = count, gain - verify[count + 1]
        if worth <= further[count]:
            break
    return best, best_gain


def log_chance(chance: float) -> float:
    """The logarithm of a chance, kept finite."""
    return math.log(max(chance, 1e-3))
