"""What one way of decoding saves over another on the same prompts, with its interval. Pure functions."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..bench.statistics import COVERAGE, RESAMPLES, Ratio, quantile


@dataclass(frozen=True, slots=True)
class Saving:
    """Mean milliseconds saved a completion and the part of the time that is, each with its 95 % interval.

    Negative is lost.
    """

    ms: Ratio
    part: Ratio

    @property
    def gains(self) -> bool:
        """All of the interval lies above zero."""
        return self.ms.low > 0

    @property
    def loses(self) -> bool:
        """All of it lies below."""
        return self.ms.high < 0


def saving(plain: Sequence[float], other: Sequence[float], seed: int = 0) -> Saving:
    """What ``other`` saves over ``plain``, times (ms) of the same prompts in the same order.

    The mean over prompts, not a median: a person waits for all of them. Bootstrap over prompts (Efron 1979,
    percentiles). ValueError unless both have the same number of positive times, at least two.
    """
    if len(plain) != len(other) or len(plain) < 2 or min(*plain, *other) <= 0:
        raise ValueError("at least two pairs of positive times are needed")
    pairs = list(zip(plain, other, strict=True))
    draw = random.Random(seed)
    drawn = [_means(draw.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES)]
    mean = _means(pairs)
    return Saving(*(_ratio(mean[place], [means[place] for means in drawn]) for place in (0, 1)))


def _means(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    before, after = (sum(side) for side in zip(*pairs, strict=True))
    return (before - after) / len(pairs), (before - after) / before


def _ratio(value: float, drawn: list[float]) -> Ratio:
    rest = (1 - COVERAGE) / 2
    return Ratio(quantile(drawn, rest), value, quantile(drawn, 1 - rest))
