"""From values to places on a plot: linear scales, round values for axes, bands for bars. Pure functions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Linear:
    """Places values ``low``…``high`` evenly at ``start``…``end`` (pixels), others at the nearer end.

    With ``low`` equal to ``high`` everything stands in the middle.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of ``value``."""
        if self.high <= self.low:
            return (self.start + self.end) / 2
        part = (value - self.low) / (self.high - self.low)
        part = min(1.0, max(0.0, part))
        return self.start * (1.0 - part) + self.end * part


@dataclass(frozen=True, slots=True)
class Bands:
    """``count`` equal bands side by side from ``start`` to ``end``; ``gap`` is the part left free."""

    count: int
    start: float
    end: float
    gap: float = 0.3

    @property
    def step(self) -> float:
        """Distance from one band to the next."""
        return (self.end - self.start) / max(1, self.count)

    @property
    def width(self) -> float:
        """Width of a band's bar."""
        return self.step * (1.0 - self.gap)

    def left(self, index: int) -> float:
        """Where the bar of band ``index`` begins."""
        return self.start + self.step * (index + self.gap / 2)

    def middle(self, index: int) -> float:
        """The middle of band ``index``."""
        return self.start + self.step * (index + 0.5)


def round_step(span: float, count: int) -> float:
    """The least round step (1, 2, 2.5 or 5 times a power of ten) that ``span`` holds at most ``count`` times.

    ValueError unless both are positive and finite.
    """
    if not (math.isfinite(span) and span > 0 and count > 0):
        raise ValueError("a positive span and count are needed")
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (*STEPS, 20.0) if step * power * count >= span * (1 - 1e-9))


def rungs(values: Sequence[float], count: int = 5, *, least: float = 0.0) -> list[float]:
    """Round values, evenly apart, some ``count``, from below zero and all ``values`` to above them.

    They reach at least ``least`` above zero; 0 and 1 where there is nothing to reach for.
    """
    low, high = min(0.0, *values, 0.0), max(least, *values, 0.0)
    if high <= low:
        return [0.0, 1.0]
    step = round_step(high - low, count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{index * step:.12g}") if index else 0.0 for index in range(first, last + 1)]


def histogram(values: Sequence[float], low: float, step: float, count: int) -> list[int]:
    """How many values fall into each of ``count`` bins of width ``step`` from ``low``.

    The last bin takes all that lie beyond, the first all before.
    """
    found = [0] * count
    for value in values:
        found[min(count - 1, max(0, math.floor((value - low) / step + 1e-9)))] += 1
    return found
