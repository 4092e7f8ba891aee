"""What the draft model's next signals will be like: how often each comes up at each position of a draft."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .acceptance import ANYWHERE, Acceptance
from .signals import AGREES, ALONE, BINS, DIFFERS, PLACES, place_of

KEEP = 0.99
FLAT = 1.0
"""Weight of the first guess for the first place, the same for every bin."""
BEFORE = 8.0
"""Weight of the place before as a guess for the next one, so that depths never reached are judged too."""

QUICK = 1.0 / 8.0
SLOW = 0.01
SETTLED = 24
"""First signals before which no change is looked for."""
CHANGED = 3.2
"""Standard deviations between the quick and the slow mean of first signals that make old counts worthless."""
LEFT = 0.01

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outlook:
    """For each place of a draft (rows) the signals that may come: how likely each is, its chance accepted."""

    weights: Matrix
    chances: Matrix


class Signals:
    """Counts of the signals that were drafted, by position, and by whether lookup had a proposal too."""

    def __init__(self) -> None:
        self._counts = {
            True: np.zeros((PLACES, 2 * BINS)),
            False: np.zeros((PLACES, BINS)),
        }
        self._seen = 0
        self._quick = self._slow = self._spread = 0.0

    def add(self, position: int, signal: int, extra: int) -> None:
        """One drafted token; ``extra`` says whether lookup had a proposal, and the same one."""
        if position == 0:
            self._watch(signal)
        row = self._counts[extra != ALONE][place_of(position)]
        row *= KEEP
        row[signal + (BINS if extra == DIFFERS else 0)] += 1.0

    @property
    def level(self) -> float:
        """The mean bin of the last drafts' first signals."""
        return self._quick

    def _watch(self, signal: int) -> None:
        """Follow the first signal of each draft; a sudden change of their mean devalues old counts."""
        self._seen += 1
        slow = max(SLOW, 1.0 / self._seen)
        over = signal - self._slow
        self._slow += slow * over
        self._spread += slow * (over * over - self._spread)
        self._quick += max(QUICK, 1.0 / self._seen) * (signal - self._quick)
        noise = math.sqrt((self._spread + 0.5) * QUICK / (2.0 - QUICK))
        if self._seen > SETTLED and abs(self._quick - self._slow) > CHANGED * noise:
            self._seen = 0
            for key in self._counts:
                self._counts[key] *= LEFT

    def outlook(self, acceptance: Acceptance, *, accompanied: bool) -> Outlook:
        """Likely signals and their chances over all contexts; ``accompanied`` if lookup has a proposal."""
        weights = self._weights(self._counts[accompanied])
        extras = (AGREES, DIFFERS) if accompanied else (ALONE,)
        positions = (0, 1, 2, 4)
        chances = [
            [
                acceptance.chance("draft", signal, extra, position, ANYWHERE)
                for extra in extras
                for signal in range(BINS)
            ]
            for position in positions
        ]
        return Outlook(weights, np.array(chances))

    def _weights(self, counts: Matrix) -> Matrix:
        """How likely each signal is by place, each row shrunk towards the one before it."""
        rows = [(counts[0] + FLAT / counts.shape[1]) / (counts[0].sum() + FLAT)]
        for own in counts[1:]:
            rows.append((own + BEFORE * rows[-1]) / (own.sum() + BEFORE))
        return np.array(rows)

    def export(self) -> dict[str, list[list[float]]]:
        """What to keep on disk."""
        return {
            ("accompanied" if accompanied else "alone"): np.round(counts, 3).tolist()
            for accompanied, counts in self._counts.items()
        }

    def restore(self, alone: list[list[float]], accompanied: list[list[float]]) -> None:
        """Take over what ``export`` gave."""
        self._counts = {False: np.array(alone, dtype=float), True: np.array(accompanied, dtype=float)}
