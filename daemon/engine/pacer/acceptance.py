"""How likely the target is to accept the next drafted token, learnt from what became of earlier ones.

The chance depends on the drafter and its signal: the draft model's own probability of its token, the length
of the match for lookup and replay. Chances never fall as the signal rises. Finer cells add whether lookup
agrees with the draft model (for lookup itself: how well its match is borne out), the position in the draft,
and the language and kind of place. On top of that slow memory lies a drift per drafter that follows sudden
changes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from .counts import Counts, Key, isotonic
from .drift import Drift
from .signals import BINS, CONFIDENCE_EDGES, KINDS, PLACES, SOURCES, TRAITS, Source, bins_of, place_of

MEMORY = 400.0
WEIGHT = 12.0
PRIOR_WEIGHT = 6.0
ANYWHERE = -1
"""The context of a chance over all contexts."""
REFRESH = 256
"""Outcomes after which means are computed anew; the first times after fewer."""
LEAST, MOST = 0.005, 0.995
LANGUAGES = 24
"""Languages told apart; further ones are taken for the first."""
MATCH_PRIOR = (0.25, 0.35, 0.45, 0.52, 0.6, 0.66, 0.72, 0.8, 0.87, 0.92)
REPLAY_PRIOR = (0.6, 0.65, 0.7, 0.74, 0.78, 0.82, 0.86, 0.9, 0.93, 0.95)


def _priors(source: Source) -> tuple[float, ...]:
    """Chance by bin before anything was seen: a draft model is about as good as it says, shrunk to a half."""
    if source == "lookup":
        return MATCH_PRIOR
    if source == "replay":
        return REPLAY_PRIOR
    edges = (0.0, *CONFIDENCE_EDGES, 1.0)
    return tuple(0.06 + 0.88 * (edges[index] + edges[index + 1]) / 2 for index in range(BINS))


class Learnt(TypedDict):
    """What is kept of the chances on disk: the languages by number, and (accepted, tested) by cell."""

    languages: list[str]
    cells: dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A chance of acceptance and its standard deviation."""

    mean: float
    deviation: float


class Acceptance:
    """Chances of acceptance by drafter, signal, extra (see ``signals``), position and context."""

    def __init__(self) -> None:
        self.drifts = {source: Drift() for source in SOURCES}
        self._counts = Counts(memory=MEMORY, weight=WEIGHT, prior_weight=PRIOR_WEIGHT)
        self._priors: dict[Source, tuple[float, ...]] = {source: _priors(source) for source in SOURCES}
        self._curves: dict[Source, list[float]] = {}
        self._means: dict[tuple[Source, int, int, int, int], float] = {}
        self._languages: dict[str, int] = {}
        self._since = 0
        self._wait = 8

    def context(self, language: str, kind: int) -> int:
        """The number of a context; ``kind`` is an index of ``KINDS``."""
        if language not in self._languages and len(self._languages) == LANGUAGES:
            language = next(iter(self._languages))
        return self._languages.setdefault(language, len(self._languages)) * len(KINDS) + kind

    def chance(self, source: Source, signal: int, extra: int, position: int, context: int) -> float:
        """Chance that a token with ``signal`` (a bin) at ``position`` is accepted if all before it are.

        ``context`` may be ``ANYWHERE``.
        """
        key = (source, signal, extra, place_of(position), context)
        odds = self._means.get(key)
        if odds is None:
            odds = self._means[key] = self._log_odds(*key)
        return 1.0 / (1.0 + math.exp(-odds - self.drifts[source].shift))

    def estimate(self, source: Source, signal: int, extra: int, position: int, context: int) -> Estimate:
        """``chance`` with its standard deviation, from the observations behind it and the drift's own."""
        mean = self.chance(source, signal, extra, position, context)
        _, rests = self._counts.own((SOURCES.index(source), signal), mean)
        spread = mean * (1.0 - mean)
        return Estimate(mean, math.sqrt(spread / (rests + 1.0) + spread**2 * self.drifts[source].variance))

    def learn(
        self, source: Source, signal: int, extra: int, position: int, context: int, *, accepted: bool
    ) -> None:
        """One tested token: it was ``accepted`` or not."""
        self.drifts[source].update(self.chance(source, signal, extra, position, context), accepted)
        place = place_of(position)
        self._counts.add(self._chain(source, signal, extra, place, context), accepted)
        self._since += 1
        if self._since >= self._wait:
            self._since = 0
            self._wait = min(REFRESH, 2 * self._wait)
            self._means.clear()
            self._curves.clear()

    def _chain(self, source: Source, signal: int, extra: int, place: int, context: int) -> tuple[Key, ...]:
        first = SOURCES.index(source)
        if source != "draft":
            trait = extra % TRAITS
            return (
                (first, signal),
                (first, signal, trait),
                (first, signal, extra, PLACES),
                (first, signal, extra, place, context),
            )
        return (
            (first, signal),
            (first, signal, extra),
            (first, signal, extra, place),
            (first, signal, extra, place, context),
        )

    def _log_odds(self, source: Source, signal: int, extra: int, place: int, context: int) -> float:
        curve = self._curves.get(source)
        if curve is None:
            curve = self._curves[source] = self._curve(source)
        chain = self._chain(source, signal, extra, place, context)
        mean, _ = self._counts.refine(curve[signal], chain[1:] if context != ANYWHERE else chain[1:-1])
        mean = min(MOST, max(LEAST, mean))
        return math.log(mean / (1.0 - mean))

    def _curve(self, source: Source) -> list[float]:
        """Mean chance by bin over everything else, made to rise with the signal."""
        first = SOURCES.index(source)
        priors = self._priors[source]
        own = [self._counts.own((first, signal), priors[signal]) for signal in range(bins_of(source))]
        return isotonic([mean for mean, _ in own], [weight for _, weight in own])

    def curve(self, source: Source) -> tuple[float, ...]:
        """The mean chance by bin of the signal, without drift."""
        return tuple(self._curve(source))

    def export(self) -> Learnt:
        """What to keep on disk: the curves and every cell with some weight."""
        names = {number: name for name, number in self._languages.items()}
        return {
            "languages": [names[number] for number in range(len(names))],
            "cells": {
                "/".join(map(str, key)): [round(part, 3) for part in cell]
                for key, cell in sorted(self._counts.cells.items())
                if cell[1] >= 2.0
            },
        }

    def restore(self, languages: list[str], cells: Mapping[str, list[float]]) -> None:
        """Take over what ``export`` gave."""
        self._languages = {name: number for number, name in enumerate(languages)}
        for name, (accepted, tested) in cells.items():
            key = tuple(int(part) for part in name.split("/"))
            self._counts.cells[key] = [min(accepted, tested), min(tested, MEMORY)]
        self._means.clear()
        self._curves.clear()
