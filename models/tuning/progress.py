"""How far a tuning is, in words and as a part of its time."""

from __future__ import annotations

import time
from collections.abc import Callable

from .budget import Budget

Tell = Callable[[str, float], None]
RECENT_SECONDS = 10.0


class Progress:
    """Tells a stage, the tokens a second of late, and the time left; ``tell`` hears words and a part of 1."""

    def __init__(self, tell: Tell, budget: Budget) -> None:
        self._tell, self._budget = tell, budget
        self._stage = ""
        self._since = time.monotonic()
        self._tokens, self._speed = 0, 0.0

    def stage(self, name: str) -> None:
        """A new stage begins."""
        self._stage, self._since = name, time.monotonic()
        self._tokens, self._speed = 0, 0.0
        self._tell(name, self._part())

    def count(self, tokens: int, facts: str = "") -> None:
        """So many tokens more; ``facts`` are words about them."""
        self._tokens += tokens
        seconds = time.monotonic() - self._since
        if seconds > RECENT_SECONDS or not self._speed:
            self._speed = self._tokens / max(seconds, 1e-3)
        if seconds > RECENT_SECONDS:
            self._since, self._tokens = time.monotonic(), 0
        minutes, rest = divmod(round(max(0.0, self._budget.left())), 60)
        speed, clock = f"{self._speed:,.0f} tokens/s", f"{minutes}:{rest:02} left"
        words = filter(None, (f"{self._stage}: {speed}", facts, clock))
        self._tell(", ".join(words), self._part())

    def _part(self) -> float:
        return min(1.0, self._budget.spent() / self._budget.seconds)
