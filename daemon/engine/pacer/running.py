"""Running estimates of times that outliers do not move: the median of the last few measurements."""

from bisect import bisect_left, insort
from collections import deque

WINDOW = 31
"""Measurements kept."""
RUN = 3
"""Values in a row, all far off on the same side, that are a new level and not outliers."""
FAR = 0.5
"""What is far on a quiet machine, in natural logarithms: a factor of 1.65."""


class Median:
    """The median of the last ``WINDOW`` values, which are logarithms of times.

    After ``RUN`` far values in a row the older ones are forgotten: the level has changed.
    """

    __slots__ = ("_far", "_ordered", "_recent")

    def __init__(self) -> None:
        self._recent: deque[float] = deque()
        self._ordered: list[float] = []
        self._far = 0

    @property
    def count(self) -> int:
        """Values in the window."""
        return len(self._recent)

    @property
    def settled(self) -> bool:
        """Whether the window is full and its last value was not far off."""
        return len(self._recent) == WINDOW and not self._far

    @property
    def value(self) -> float:
        """The median; of two middle values the lower. Raises IndexError before the first value."""
        return self._ordered[(len(self._ordered) - 1) // 2]

    @property
    def last(self) -> float:
        """The newest value. Raises IndexError before the first one."""
        return self._recent[-1]

    def add(self, value: float, far: float = FAR) -> None:
        """Take one value; the oldest goes once the window is full. ``far`` is what counts as far off now."""
        self._follow(value, far)
        self._recent.append(value)
        insort(self._ordered, value)
        if abs(self._far) >= RUN:
            self._recent = deque(list(self._recent)[-RUN:])
            self._ordered = sorted(self._recent)
            self._far = 0
        elif len(self._recent) > WINDOW:
            del self._ordered[bisect_left(self._ordered, self._recent.popleft())]

    def _follow(self, value: float, far: float) -> None:
        """Count far values in a row, those below as negative."""
        beyond = value - self.value if self._recent else 0.0
        if abs(beyond) <= far:
            self._far = 0
        elif beyond > 0:
            self._far = max(self._far, 0) + 1
        else:
            self._far = min(self._far, 0) - 1

    def values(self) -> list[float]:
        """The window, oldest first."""
        return list(self._recent)
