"""Milliseconds a character with their intervals, from times at the same places: pure functions.

All characters of all places count alike, so a figure is a ratio of sums. Its 95 % interval is that of the
bootstrap over places (Efron 1979, percentiles); the same places are drawn for every candidate.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..bench.statistics import COVERAGE, RESAMPLES, Ratio, quantile


@dataclass(frozen=True, slots=True)
class Cost:
    """What one place took: milliseconds, and the characters that were written."""

    ms: float
    characters: int


class Resampling:
    """Places drawn with replacement, the same for all that is compared."""

    def __init__(self, places: int, seed: int = 0) -> None:
        """Draw among ``places``, at least one."""
        draw = random.Random(seed)
        self._draws = [draw.choices(range(places), k=places) for _ in range(RESAMPLES)]

    def per_character(self, costs: Sequence[Cost]) -> Ratio:
        """Milliseconds a character. ValueError where no place has a character."""
        found = [value for draw in self._draws if (value := _rate([costs[i] for i in draw])) is not None]
        return _interval(_known(_rate(costs)), found)

    def faster(self, plain: Sequence[Cost], other: Sequence[Cost]) -> Ratio:
        """How many times faster ``other`` is a character. ValueError where no place has a character."""
        found = []
        for draw in self._draws:
            before, after = _rate([plain[i] for i in draw]), _rate([other[i] for i in draw])
            if before is not None and after is not None:
                found.append(before / after)
        return _interval(_known(_rate(plain)) / _known(_rate(other)), found)


def differ(ratio: Ratio) -> bool:
    """Whether 1 lies outside of the interval."""
    return not ratio.low <= 1.0 <= ratio.high


def _rate(costs: Sequence[Cost]) -> float | None:
    characters = sum(cost.characters for cost in costs)
    return sum(cost.ms for cost in costs) / characters if characters else None


def _known(rate: float | None) -> float:
    if rate is None:
        raise ValueError("no place has a character")
    return rate


def _interval(value: float, found: Sequence[float]) -> Ratio:
    rest = (1 - COVERAGE) / 2
    return Ratio(quantile(found, rest), value, quantile(found, 1 - rest))
