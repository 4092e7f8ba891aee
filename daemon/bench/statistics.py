"""Medians, quartiles, ratios with their intervals, and agreement: pure functions over measured values."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

RESAMPLES = 2000
COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with its quartiles."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio with the ends of its 95 % interval."""

    low: float
    value: float
    high: float


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two middle ones. ValueError without values."""
    return quantile(values, 0.5)


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which ``part`` (0 to 1) of ``values`` lie, between neighbours by their distance.

    Hyndman and Fan's definition 7, as numpy's default. ValueError without values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(values: Sequence[float]) -> Spread:
    """Quartiles and median of ``values``."""
    return Spread(quantile(values, 0.25), median(values), quantile(values, 0.75))


def speed_up(plain: Sequence[float], other: Sequence[float], seed: int = 0) -> Ratio:
    """How many times faster ``other`` is than ``plain``, times of the same prompts in the same order.

    The median of the ratios of each prompt, and the 95 % interval of the bootstrap over prompts (Efron 1979,
    percentiles). ValueError unless both have the same number of positive values, at least one.
    """
    if len(plain) != len(other) or not plain or min(*plain, *other) <= 0:
        raise ValueError("pairs of positive times are needed")
    ratios = [before / after for before, after in zip(plain, other, strict=True)]
    draw = random.Random(seed)
    medians = [median(draw.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES)]
    rest = (1 - COVERAGE) / 2
    return Ratio(quantile(medians, rest), median(ratios), quantile(medians, 1 - rest))


def shared(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens two outputs share up to their first difference."""
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return index
    return min(len(left), len(right))


def agreement(reference: Sequence[Sequence[int]], outputs: Sequence[Sequence[int]]) -> tuple[float, int]:
    """Share of tokens equal up to the first difference, and how many of the outputs are equal throughout.

    ValueError unless each output has a reference of its length, and there is at least one token.
    """
    pairs = list(zip(reference, outputs, strict=True))
    if any(len(a) != len(b) for a, b in pairs) or not any(map(len, reference)):
        raise ValueError("outputs of equal lengths are needed")
    equal = sum(shared(a, b) for a, b in pairs)
    whole = sum(tuple(a) == tuple(b) for a, b in pairs)
    return equal / sum(map(len, reference)), whole
