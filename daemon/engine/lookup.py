"""The lookup drafter: what followed the longest earlier match of the last tokens.

Prompt lookup (Saxena 2023) as suffix matching: the longest match wins, and the latest of equally long ones.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .drafting import NOTHING, Cancelled, Proposal

BARRIER = -1
"""A token id that matches nothing: it keeps matches from running across two texts."""

LONGEST = 32
"""Tokens compared at most; beyond it a longer match says nothing more."""


class Lookup:
    """Proposes the continuation of the longest suffix match within a history of tokens.

    ``history`` is the text to search, its end the text before the cursor; the tokens generated after the
    ``prompt`` tokens of a slot continue it. ``least`` is the shortest match worth a proposal.
    """

    def __init__(self, history: Sequence[int], prompt: int, least: int) -> None:
        self._prompt = prompt
        self._least = least
        self._known = len(history)
        self._filled = self._known
        self._history: NDArray[np.int64] = np.array(history, dtype=np.int64)

    def propose(self, tokens: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:  # noqa: ARG002
        """At most ``k`` tokens that followed the longest match of the end of the history."""
        self._follow(tokens)
        start = self._match()
        if start is None:
            return NOTHING
        following = self._history[start : min(start + k, self._filled)]
        barrier = np.flatnonzero(following == BARRIER)
        return Proposal((following[: barrier[0]] if barrier.size else following).tolist(), "lookup")

    def _follow(self, tokens: Sequence[int]) -> None:
        """Append what was generated since the last call."""
        new = tokens[self._prompt + self._filled - self._known :]
        needed = self._filled + len(new)
        if needed > self._history.size:
            grown = np.empty(2 * needed, dtype=np.int64)
            grown[: self._filled] = self._history[: self._filled]
            self._history = grown
        self._history[self._filled : needed] = new
        self._filled = needed

    def _match(self) -> int | None:
        """Where the continuation of the longest match starts, or None if it is shorter than ``least``."""
        history, filled = self._history, self._filled
        starts = np.arange(1, filled)  # a match ends just before its continuation starts
        length = 0
        while length < min(LONGEST, filled - 1) and history[filled - 1 - length] != BARRIER:
            reach = starts[starts > length]
            longer = reach[history[reach - 1 - length] == history[filled - 1 - length]]
            if not longer.size:
                break
            starts, length = longer, length + 1
        return int(starts[-1]) if length >= self._least else None
