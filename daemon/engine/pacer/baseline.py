"""What decoding takes where nobody looks for drafts, seen beside answers in which somebody does.

A plain round between drafts is slower than one among its like: somebody looks for drafts before it, and what
they touch drives the target's weights out of the caches. How much slower is known from answers side by side:
one that is plain as a whole against those before and after it, each by the time of its rounds over what the
cost model expects of them. Machines change their speed, so only neighbours are compared.
"""

import math
from collections import deque
from dataclasses import dataclass, field

KEPT = 48
"""Pairs of neighbours over which the difference is averaged."""
PRIOR_PAIRS, PRIOR_SPREAD = 2, 0.15
"""What is known before any was seen: no difference, give or take so much in the logarithm."""
FARTHEST = 0.5
"""Difference in the logarithm beyond which something else must have happened to the machine."""
SHARED = 1.5
"""How much less two pairs with one answer in common tell than two apart, in variance."""
NORMAL = 1.96


@dataclass(slots=True)
class Baseline:
    """The time of rounds in plain answers over that of rounds in answers with drafts."""

    _apart: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _last: tuple[float, bool] | None = None
    _mean: float = 0.0
    _variance: float = PRIOR_SPREAD**2

    @property
    def ratio(self) -> float:
        """Plain rounds over others."""
        return math.exp(self._mean)

    def answered(self, level: float, *, plain: bool) -> None:
        """An answer's rounds took ``level`` times what the cost model expects; ``plain`` or with drafts."""
        before, self._last = self._last, (math.log(level), plain)
        if before is not None and before[1] != plain:
            apart = self._last[0] - before[0]
            self._add(apart if plain else -apart)

    def _add(self, apart: float) -> None:
        """Take how far a plain answer was from its neighbour, in the logarithm."""
        self._apart.append(max(-FARTHEST, min(FARTHEST, apart)))
        count = PRIOR_PAIRS + len(self._apart)
        self._mean = sum(self._apart) / count
        squares = sum((apart - self._mean) ** 2 for apart in self._apart)
        self._variance = (PRIOR_PAIRS * PRIOR_SPREAD**2 + squares) / count

    def half(self, answers: int) -> float:
        """Half of the 95 % interval of the plain time of so many answers, as a part of it."""
        count = PRIOR_PAIRS + len(self._apart)
        return quantile(count) * math.sqrt(self._variance * (SHARED / count + 1.0 / answers))


def quantile(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, by the first terms of its expansion (Cornish and Fisher)."""
    return (
        NORMAL
        + (NORMAL**3 + NORMAL) / (4 * freedom)
        + (5 * NORMAL**5 + 16 * NORMAL**3 + 3 * NORMAL) / (96 * freedom**2)
    )
