"""The lookup drafter: what followed the longest earlier match of the last tokens.

Prompt lookup (Saxena 2023) as suffix matching: the longest match wins, and the latest of equally long ones.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .drafting import NOTHING, Cancelled, Proposal

BARRIER = -1
"""A token id that matches nothing: it keeps matches from running across two texts."""

LONGEST = 32
"""Tokens compared at most; beyond it a longer match says nothing more."""


class Lookup:
    """Proposes the continuation of the longest suffix match in the prompt, in extra text, or in the output.

    ``extra`` is searched besides the tokens themselves; ``least`` is the shortest match worth a proposal;
    ``fences`` are ids (markers, end tokens) that a proposal stops before.
    """

    def __init__(self, extra: Sequence[int], least: int, fences: Iterable[int] = ()) -> None:
        self._least = least
        self._fences = np.array([BARRIER, *fences], dtype=np.int64)
        self._offset = len(extra) + 1
        self._history: NDArray[np.int64] = np.array([*extra, BARRIER], dtype=np.int64)
        self._filled = self._offset

    def propose(self, tokens: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:  # noqa: ARG002
        """At most ``k`` tokens that followed the longest match of the end of ``tokens``."""
        self._follow(tokens)
        end = self._match()
        if end is None:
            return NOTHING
        following = self._history[end : min(end + k, self._filled)]
        fence = np.flatnonzero(np.isin(following, self._fences))
        drafted = following[: fence[0]] if fence.size else following
        return Proposal(drafted.tolist(), "lookup")

    def _follow(self, tokens: Sequence[int]) -> None:
        """Append what ``tokens`` gained since the last call; they only ever grow within a completion."""
        new = tokens[self._filled - self._offset :]
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
        ends = np.arange(1, filled)  # a match ends just before `end`; its continuation starts there
        length = 0
        while length < min(LONGEST, filled - self._offset):
            reach = ends[ends > length]
            longer = reach[history[reach - 1 - length] == history[filled - 1 - length]]
            if not longer.size:
                break
            ends, length = longer, length + 1
        return int(ends[-1]) if length >= self._least else None
