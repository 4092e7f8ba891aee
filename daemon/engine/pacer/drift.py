"""A drafter's sudden change: a correction of its log odds that follows surprises quickly and noise slowly."""

import math
from collections import deque

STEP = 0.0004
"""Variance of the log odds that each outcome adds: how fast a drafter is taken to change in quiet times."""
ALARM = 0.6
"""Variance added when the last outcomes contradict the predictions."""
SUSPICION = 3.6
"""Standard deviations between outcomes and predictions over the window that raise the alarm."""
RECENT = 12
HOME = 0.998
START = 0.25
MOST = 1.0


class Drift:
    """An extended Kalman filter of one number, the shift of the log odds against what was learnt slowly."""

    def __init__(self) -> None:
        self.shift = 0.0
        self.variance = START
        self._recent: deque[tuple[float, float]] = deque(maxlen=RECENT)
        self._over = 0.0
        self._spread = 0.0

    def update(self, predicted: float, accepted: bool) -> None:
        """One outcome of a token that was given the chance ``predicted``, this shift included."""
        spread = max(0.02, predicted * (1.0 - predicted))
        error = accepted - predicted
        gain = self.variance / (1.0 + self.variance * spread)
        self.shift = min(6.0, max(-6.0, HOME * (self.shift + gain * error)))
        self.variance = gain + STEP
        self._watch(error, spread)

    def idle(self, outcomes: int) -> None:
        """Time passed without an outcome; what was known is less certain."""
        self.variance = min(MOST, self.variance + STEP * outcomes)

    def _watch(self, error: float, spread: float) -> None:
        if len(self._recent) == RECENT:
            old_error, old_spread = self._recent[0]
            self._over -= old_error
            self._spread -= old_spread
        self._recent.append((error, spread))
        self._over += error
        self._spread += spread
        if abs(self._over) > SUSPICION * math.sqrt(self._spread):
            self.variance = min(MOST, self.variance + ALARM)
            self._recent.clear()
            self._over = self._spread = 0.0
