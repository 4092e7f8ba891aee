"""What decoding takes where nobody looks for drafts, seen beside answers in which somebody does.

A plain round between drafts is slower than one among its like: somebody looks for drafts before it, and what
they touch drives the target's weights out of the caches. How much slower is known from answers side by side:
one that is plain as a whole against those before and after it, each by the time of its rounds over what the
cost model expects of them. Machines change their speed, so only neighbours are compared.
"""

import math
from collections import deque
from dataclasses import dataclass, field

KEPT = 32
"""Pairs of neighbours over which the difference is averaged."""
PRIOR_PAIRS, PRIOR_SPREAD = 2, 0.15
"""What is known before any was seen: no difference, give or take such a part."""
FARTHEST = 4.0
"""Times its neighbour beyond which something else must have happened to the machine."""
SHARED = 1.5
"""How much less two pairs with one answer in common tell than two apart, in variance."""
NORMAL = 1.96


@dataclass(slots=True)
class Baseline:
    """``ratio`` is the time of rounds in plain answers over that of rounds in answers with drafts.

    It is one of sums: means of ratios would call a loss what is only scatter.
    """

    ratio: float = 1.0
    _pairs: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))
    _last: tuple[float, bool] | None = None
    _spread: float = PRIOR_SPREAD

    def answered(self, level: float, *, plain: bool) -> None:
        """An answer's rounds took ``level`` times what the cost model expects; ``plain`` or with drafts."""
        before, self._last = self._last, (level, plain)
        if before is not None and before[1] != plain:
            near = min(FARTHEST * before[0], max(before[0] / FARTHEST, level))
            self._pairs.append((near, before[0]) if plain else (before[0], near))
            self._estimate()

    def _estimate(self) -> None:
        pairs = self._pairs
        count = PRIOR_PAIRS + len(pairs)
        plain = PRIOR_PAIRS + sum(pair[0] for pair in pairs)
        self.ratio = plain / (PRIOR_PAIRS + sum(pair[1] for pair in pairs))
        squares = sum((pair[0] - self.ratio * pair[1]) ** 2 for pair in pairs) / (plain / count) ** 2
        self._spread = math.sqrt((PRIOR_PAIRS * PRIOR_SPREAD**2 + squares) / count)

    def half(self, answers: int) -> float:
        """Half of the 95 % interval of the plain time of so many answers, as a part of it."""
        count = PRIOR_PAIRS + len(self._pairs)
        return quantile(count) * self._spread * math.sqrt(SHARED / count + 1.0 / answers)


def quantile(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, by the first terms of its expansion (Cornish and Fisher)."""
    return (
        NORMAL
        + (NORMAL**3 + NORMAL) / (4 * freedom)
        + (5 * NORMAL**5 + 16 * NORMAL**3 + 3 * NORMAL) / (96 * freedom**2)
    )
