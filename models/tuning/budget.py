"""Time: what was spent on each stage, over all runs of one tuning, and what is left of the minutes given."""

from __future__ import annotations

import time

from .store import Store


class Budget:
    """Seconds of a tuning, of which each stage has a part; kept in the store where that is asked."""

    def __init__(self, store: Store, minutes: float) -> None:
        self._store, self.seconds = store, 60 * minutes
        self._spent = store.spent()
        self._since = time.monotonic()

    def charge(self, stage: str) -> None:
        """Count the time since the last charge for ``stage``, on disk too."""
        now = time.monotonic()
        self._spent[stage] = self._spent.get(stage, 0.0) + now - self._since
        self._since = now
        self._store.spend(self._spent)

    def skip(self) -> None:
        """Do not count the time since the last charge: loading and compiling come on top."""
        self._since = time.monotonic()

    def add(self, stage: str, seconds: float) -> None:
        """Count seconds of an earlier run that its own checkpoint remembers."""
        self._spent[stage] = self._spent.get(stage, 0.0) + seconds

    def spent(self) -> float:
        """Seconds in all, with those that were not charged yet."""
        return sum(self._spent.values()) + time.monotonic() - self._since

    def left(self, part: float = 1.0) -> float:
        """Seconds until that part of all is spent; negative afterwards."""
        return self.seconds * part - self.spent()
