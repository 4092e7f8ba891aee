"""The longest earlier match of the end of a token sequence, and the history it is looked for in."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BARRIER = -1
"""A token id that matches nothing: it keeps matches from running across two texts."""

LONGEST = 32
"""Tokens compared at most; beyond it a longer match says nothing more."""


class Match(NamedTuple):
    """Where the continuation of a match begins and how long the match is; no match has length 0.

    ``support`` is how many of all earlier occurrences of the last token go on with the same next token.
    """

    start: int
    length: int
    support: float


class History:
    """A growing sequence of tokens in one array."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens: NDArray[np.int64] = np.array(tokens, dtype=np.int64)
        self.length = len(tokens)

    def append(self, tokens: Sequence[int]) -> None:
        """Add tokens at the end."""
        needed = self.length + len(tokens)
        if needed > self._tokens.size:
            grown = np.empty(2 * needed, dtype=np.int64)
            grown[: self.length] = self._tokens[: self.length]
            self._tokens = grown
        self._tokens[self.length : needed] = tokens
        self.length = needed

    def match(self) -> Match:
        """The longest earlier match of the end, the latest of equally long ones."""
        tokens, last = self._tokens, self.length - 1
        if last < 1 or tokens[last] == BARRIER:
            return Match(self.length, 0, 0.0)
        all_ends = ends = np.flatnonzero(tokens[:last] == tokens[last])
        length = min(1, ends.size)
        while ends.size and length < min(LONGEST, last) and tokens[last - length] != BARRIER:
            reach = ends[np.searchsorted(ends, length) :]
            longer = reach[tokens[reach - length] == tokens[last - length]]
            if not longer.size:
                break
            ends, length = longer, length + 1
        if not ends.size:
            return Match(self.length, 0, 0.0)
        start = int(ends[-1]) + 1
        same = np.count_nonzero(tokens[all_ends + 1] == tokens[start])
        return Match(start, length, float(same / all_ends.size))

    def following(self, start: int, count: int) -> list[int]:
        """At most ``count`` tokens from ``start``, up to the end or a barrier."""
        found: list[int] = self._tokens[start : min(start + count, self.length)].tolist()
        return found[: found.index(BARRIER)] if BARRIER in found else found
