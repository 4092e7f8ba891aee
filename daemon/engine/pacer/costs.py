"""What a step costs on this machine: times by size and context length, learnt while decoding.

Three surfaces, each milliseconds over (size, tokens of context): a target pass of some width, a call of the
draft loop of some steps, and the draft reading tokens its KV lacks. A surface keeps a robust median for each
size and tier of context that was measured, and shrinks it towards a linear model over size and length, so
that few measurements already give a usable whole.

A busy machine makes everything slower at once. That common factor (the *pace*) is taken out of every
measurement before it is stored and put back in when milliseconds are asked for: what was measured in quiet
times stays comparable with what is measured now.
"""

import math
from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from .running import FAR, Median

TIER = 512
"""Tokens of context in the first tier; each further tier doubles it."""
TIERS = 8
TRUST = 4.0
"""Measurements at which a cell counts as much as the linear model."""
PACE_RATE = 0.3
PACE_HOME = 0.995
"""Pull of the pace back to 1 at each measurement: what stays slow becomes the normal."""
NOISE_RATE = 0.02
QUIET = 0.15
"""Mean deviation of log times at which the pace follows half as fast."""
NOISY = 4.0
"""Mean deviations that a new level must be off by."""
REFITS = frozenset({1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48})
REFIT_EVERY = 64
LEAST_MS = 1e-4
WIDENING = 0.15
"""What each further token adds to a target pass as long as only plain ones were measured."""

SETTLED = 4
"""Of the measurements of a size whose median is settled, one in so many is taken."""

Cells = dict[tuple[int, int], Median]


def tier_of(length: int) -> int:
    """The tier of a context of ``length`` tokens."""
    return min(TIERS - 1, (length // TIER).bit_length())


class Surface:
    """Milliseconds by size and context length of one kind of step, at a pace of 1.

    ``most`` is the largest size. ``sizes`` are the ones that are really executed: any other costs what the
    next larger of them does (a verify of fixed widths); empty where every size is. ``slope`` is what part of
    a size's time is taken to grow with size as long as only one size was measured.
    """

    def __init__(self, most: int, sizes: Sequence[int] = (), slope: float = 0.0) -> None:
        self._most = most
        self._slope = slope
        fixed = sorted({min(size, most) for size in sizes} | {most}) if sizes else range(most + 1)
        self._executed = [next(size for size in fixed if size >= asked) for asked in range(most + 1)]
        self._cells: Cells = {}
        self._line = (1.0 - slope, slope, 0.0)
        self._added = 0
        self._trust = TRUST
        self._rows: dict[int, list[float]] = {}

    @property
    def known(self) -> bool:
        """Whether anything was measured."""
        return bool(self._cells)

    def executed(self, size: int) -> int:
        """The size that is run where ``size`` is asked for."""
        return self._executed[min(size, self._most)]

    def cell(self, size: int, length: int) -> Median | None:
        """What was measured of ``size`` near this length."""
        return self._cells.get((self.executed(size), tier_of(length)))

    def last(self, size: int, length: int) -> float:
        """The newest measurement of ``size`` near this length; what the model says where there is none."""
        cell = self.cell(size, length)
        return self.row(length)[size] if cell is None else math.exp(cell.last)

    def add(self, size: int, length: int, ms: float, far: float = FAR) -> None:
        """Take one measurement, already brought to a pace of 1; ``far`` as for ``Median.add``."""
        key = (self.executed(size), tier_of(length))
        cell = self._cells.setdefault(key, Median())
        cell.add(math.log(max(ms, LEAST_MS)), far)
        self._added += 1
        if self._added in REFITS or self._added % REFIT_EVERY == 0:
            self._fit()
            self._rows.clear()
        elif cell.count <= 4 or self._added % 16 == 0:
            self._rows.pop(key[1], None)

    def doubt(self, noise: float) -> None:
        """Measurements deviate by ``noise`` in the logarithm: trust single cells the less."""
        self._trust = TRUST * (1.0 + (noise / QUIET) ** 2)

    def row(self, length: int) -> list[float]:
        """Milliseconds by size, index 0 (free) to ``most``, never falling with size. Do not change it."""
        tier = tier_of(length)
        row = self._rows.get(tier)
        if row is None:
            row = self._rows[tier] = self._estimate(tier)
        return row

    def _estimate(self, tier: int) -> list[float]:
        row = [0.0]
        for size in range(1, self._most + 1):
            executed = self.executed(size)
            row.append(max(row[-1], self._shrunk(executed, tier)))
        return row

    def _shrunk(self, size: int, tier: int) -> float:
        model = self._linear(size, tier)
        cell = self._cells.get((size, tier))
        if cell is None:
            return model
        measured = math.exp(cell.value)
        weight = cell.count / (cell.count + self._trust)
        return weight * measured + (1.0 - weight) * model

    def _linear(self, size: int, tier: int) -> float:
        base, by_size, by_length = self._line
        return max(LEAST_MS, base + by_size * size + by_length * _middle(tier))

    def _fit(self) -> None:
        """Least squares over the medians, weighted by count, kept from falling with size or length."""
        sizes, tiers = np.array(list(self._cells), dtype=float).T
        values = np.exp([cell.value for cell in self._cells.values()])
        weights = np.sqrt([cell.count for cell in self._cells.values()]) / values
        columns = [np.ones_like(sizes), sizes, np.array([_middle(int(tier)) for tier in tiers])]
        free = [True, len(set(sizes)) > 1, len(set(tiers)) > 1]
        while True:
            line = _weighted(columns, free, values, weights)
            falling = [index for index in range(3) if free[index] and line[index] < 0]
            if not falling or sum(free) == 1:
                break
            free[max(falling)] = False
        base, by_size, by_length = np.maximum(line, 0.0).tolist()
        if len(set(sizes)) == 1:
            base, by_size = base * (1.0 - self._slope), base * self._slope / float(sizes[0])
        self._line = (base, by_size, by_length)

    def export(self) -> dict[str, float]:
        """Median milliseconds at a pace of 1, by "size/tier"."""
        return {
            f"{size}/{tier}": round(math.exp(cell.value), 6)
            for (size, tier), cell in sorted(self._cells.items())
        }

    def restore(self, saved: dict[str, float]) -> None:
        """Take over what ``export`` gave, each cell as one measurement."""
        for name, ms in saved.items():
            size, tier = (int(part) for part in name.split("/"))
            if 1 <= size <= self._most and 0 <= tier < TIERS and ms > 0:
                self.add(size, _middle(tier), ms)


def _middle(tier: int) -> int:
    """A length in the middle of ``tier``, where the linear model is asked."""
    return TIER // 2 if tier == 0 else 3 * TIER << (tier - 1) >> 1


def _weighted(
    columns: Sequence[np.ndarray], free: Sequence[bool], values: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Coefficients of weighted least squares; those that are not free are zero."""
    line = np.zeros(len(columns))
    used = [index for index, is_free in enumerate(free) if is_free]
    matrix = np.stack([columns[index] for index in used], axis=1) * weights[:, None]
    line[used] = np.linalg.lstsq(matrix, values * weights, rcond=None)[0]
    return line


class Measured(TypedDict):
    """What is kept of the costs on disk: ms by "size/tier", and for each token of backlog."""

    verify: dict[str, float]
    draft: dict[str, float]
    fill: float | None


class Costs:
    """The three surfaces of a pair on a machine, and the pace they have in common.

    ``widths`` and ``steps`` are the sizes that target pass and draft loop are built for, empty for any.
    """

    def __init__(self, most: int, *, widths: Sequence[int] = (), steps: Sequence[int] = ()) -> None:
        self.verify = Surface(most + 1, widths, WIDENING)
        self._most, self._steps = most, steps
        self.forget_draft()
        self._fill = Median()
        self._pace = 0.0
        self._noise = 0.0
        self._passed = 0

    def forget_draft(self) -> None:
        """Calls of the draft loop take another time now than all that was measured."""
        self.draft = Surface(self._most, self._steps, 1.0)

    @property
    def pace(self) -> float:
        """How much slower than usual everything is now; 1.5 is half as slow again."""
        return math.exp(self._pace)

    @property
    def known(self) -> bool:
        """Whether a plain step was ever measured."""
        return self.verify.known

    def plain(self, length: int) -> float:
        """Milliseconds of a plain step at a pace of 1."""
        return self.verify.row(length)[1]

    def fill(self, tokens: int) -> float:
        """Milliseconds for the draft to read ``tokens`` tokens, at a pace of 1."""
        if not tokens:
            return 0.0
        if self._fill.count:
            return tokens * math.exp(self._fill.value)
        return tokens * self.draft.row(0)[1] / 8 if self.draft.known else 0.0

    def verified(self, width: int, length: int, ms: float) -> None:
        """A target pass over ``width`` tokens took ``ms``."""
        self._add(self.verify, width, length, ms)

    def drafted(self, steps: int, length: int, ms: float, *, rare: bool = False) -> None:
        """One call of the draft loop, ``steps`` steps, took ``ms``; a ``rare`` one is always taken."""
        self._add(self.draft, steps, length, ms, rare=rare)

    def filled(self, tokens: int, ms: float) -> None:
        """The draft read ``tokens`` tokens of its backlog in ``ms``."""
        self._fill.add(math.log(max(ms, LEAST_MS) / tokens) - self._pace)

    def _add(self, surface: Surface, size: int, length: int, ms: float, *, rare: bool = False) -> None:
        cell = surface.cell(size, length)
        if cell is not None and cell.settled and not rare:
            self._passed += 1
            if self._passed % SETTLED:
                return
        if cell is not None and cell.count >= 4:
            beyond = math.log(max(ms, LEAST_MS)) - self._pace - cell.value
            self._noise += NOISE_RATE * (min(2.0, abs(beyond)) - self._noise)
            rate = PACE_RATE / (1.0 + (self._noise / QUIET) ** 2)
            self._pace = PACE_HOME * self._pace + rate * min(0.5, max(-0.5, beyond))
        surface.doubt(self._noise)
        surface.add(size, length, ms / self.pace, max(FAR, NOISY * self._noise))

    def export(self) -> Measured:
        """What to keep on disk, at a pace of 1."""
        return {
            "verify": self.verify.export(),
            "draft": self.draft.export(),
            "fill": round(math.exp(self._fill.value), 6) if self._fill.count else None,
        }

    def restore(self, verify: dict[str, float], draft: dict[str, float], fill: float | None) -> None:
        """Take over what ``export`` gave."""
        self.verify.restore(verify)
        self.draft.restore(draft)
        if fill:
            self._fill.add(math.log(fill))
