"""What decoding takes where nobody looks for drafts, seen beside rounds in which somebody does.

A plain round between drafts is slower than one among its like: somebody looks for drafts before it, and the
processor has had time to slow down or forget. How much slower is known from controls, each kind of round by
its time over what the cost model expects. Machines change their speed from one moment to the next,
so only rounds of one answer are compared; and the first rounds of an answer are slow, so plain ones come
first in every other control, and one control of each kind makes an observation.
"""

import math
from collections import deque
from dataclasses import dataclass, field

KEPT = 16
"""Observations over which the difference is averaged."""
PRIOR_WEIGHT, PRIOR_SPREAD = 1, 0.15
"""How many observations the expected difference counts for, give or take so much in the logarithm."""
SURE = 3
"""Degrees of freedom that it adds."""
FARTHEST = 0.8
"""Difference in the logarithm beyond which something else must have happened to the machine."""
NORMAL = 1.96


@dataclass(slots=True)
class Baseline:
    """The time of rounds without looking for drafts over that of others.

    ``expected`` is the logarithm of what it is taken for before anything was seen.
    """

    expected: float = 0.0
    _apart: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _waiting: dict[bool, float] = field(default_factory=dict)
    _mean: float = field(init=False)
    _spread: float = PRIOR_SPREAD

    def __post_init__(self) -> None:
        self._mean = self.expected

    @property
    def ratio(self) -> float:
        """The best estimate."""
        return math.exp(self._mean)

    @property
    def wants_first(self) -> bool:
        """Whether plain rounds shall come first in the next control."""
        return True not in self._waiting

    def beside(self, ratio: float, *, first: bool) -> None:
        """A control's plain rounds took ``ratio`` times what the others did; ``first``: they came first."""
        self._waiting[first] = max(-FARTHEST, min(FARTHEST, math.log(ratio)))
        if len(self._waiting) == 2:
            self._apart.append(sum(self._waiting.values()) / 2)
            self._waiting.clear()
            self._estimate()

    def _estimate(self) -> None:
        count = PRIOR_WEIGHT + len(self._apart)
        self._mean = (PRIOR_WEIGHT * self.expected + sum(self._apart)) / count
        squares = PRIOR_WEIGHT * PRIOR_SPREAD**2 + sum((apart - self._mean) ** 2 for apart in self._apart)
        self._spread = math.sqrt(squares / count)

    def half(self, answers: int) -> float:
        """Half of the 95 % interval of the plain time of so many answers, as a part of it.

        An observation is of two answers, so one answer scatters twice as much in variance.
        """
        count = PRIOR_WEIGHT + len(self._apart)
        return quantile(count + SURE) * self._spread * math.sqrt(1.0 / count + 2.0 / answers)


def quantile(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, by the first terms of its expansion (Cornish and Fisher)."""
    return (
        NORMAL
        + (NORMAL**3 + NORMAL) / (4 * freedom)
        + (5 * NORMAL**5 + 16 * NORMAL**3 + 3 * NORMAL) / (96 * freedom**2)
    )
