"""How long to wait after a key before asking, learnt from how fast the user types and the daemon answers.

An answer that usually comes well before the next key is asked for at once; one that would usually come too
late, and be thrown away, is asked for when the user seems to have stopped. The clock is the caller's.
"""

from collections import deque
from statistics import median, quantiles

LEAST_MS, MOST_MS = 15.0, 300.0
PAUSE_MS = 600.0
"""A longer gap between keys is a pause, not typing."""
REMEMBERED = 24
USUAL_GAP_MS, USUAL_ANSWER_MS = 180.0, 120.0
"""Taken for granted before there are observations."""


class Rhythm:
    """Learns from keys and answers. Times are seconds of any one clock, durations milliseconds."""

    def __init__(self) -> None:
        self._gaps: deque[float] = deque([USUAL_GAP_MS] * 4, maxlen=REMEMBERED)
        self._answers: deque[float] = deque([USUAL_ANSWER_MS], maxlen=REMEMBERED)
        self._last_key: float | None = None

    def typed(self, now: float) -> None:
        """Take note of a key, that is, a change of kind "typed"."""
        if self._last_key is not None:
            gap = (now - self._last_key) * 1000
            if 0 < gap <= PAUSE_MS:
                self._gaps.append(gap)
        self._last_key = now

    def answered(self, milliseconds: float) -> None:
        """Take note of the time from a request to its first text. Answers from a cache do not count."""
        if milliseconds >= 0:
            self._answers.append(milliseconds)

    def wait_ms(self, now: float, *, invoked: bool = False) -> float:
        """Return how long to wait, from now, before asking: 0 to ``MOST_MS``.

        What the editor itself waited since the last key counts. Invoked: 0.
        """
        if invoked or self._last_key is None:
            return 0.0
        since = max(0.0, (now - self._last_key) * 1000)
        return max(0.0, self._patience() - since)

    def _patience(self) -> float:
        """The time after a key in which the next one would make an answer useless, as far as that matters."""
        late = 2 * median(self._answers) / median(self._gaps) - 1
        slow_key = quantiles(self._gaps, n=4)[2]
        return min(MOST_MS, max(LEAST_MS, slow_key * min(1.0, max(0.0, late))))
