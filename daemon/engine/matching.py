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
    """A growing sequence of tokens."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens: NDArray[np.int64] = np.array(tokens, dtype=np.int64)
        self._listed = list(tokens)  # the same: Python walks a list faster than an array
        self.length = len(tokens)

    def append(self, tokens: Sequence[int]) -> None:
        """Add tokens at the end."""
        needed = self.length + len(tokens)
        if needed > self._tokens.size:
            grown = np.empty(2 * needed, dtype=np.int64)
            grown[: self.length] = self._tokens[: self.length]
            self._tokens = grown
        if len(tokens) == 1:
            self._tokens[self.length] = tokens[0]
        else:
            self._tokens[self.length : needed] = tokens
        self._listed.extend(tokens)
        self.length = needed

    def match(self) -> Match:
        """The longest earlier match of the end, the latest of equally long ones."""
        listed, last = self._listed, self.length - 1
        if last < 1 or listed[last] == BARRIER:
            return Match(self.length, 0, 0.0)
        ends: list[int] = np.flatnonzero(self._tokens[:last] == listed[last]).tolist()
        if not ends:
            return Match(self.length, 0, 0.0)
        tail = listed[max(0, last - LONGEST + 1) : last]
        tail.reverse()
        best, start = 0, 0
        before = tail[0]
        for end in reversed(ends):
            if best and listed[end - 1] != before:  # the usual case, told apart without a call
                continue
            length = 1 + self._agreement(end, tail, best)
            if length > best:
                best, start = length, end + 1
                if best > len(tail):
                    break
        following = listed[start]
        same = sum([listed[end + 1] == following for end in ends])
        return Match(start, best, same / len(ends))

    def _agreement(self, end: int, tail: list[int], least: int) -> int:
        """How many tokens before ``end`` equal the ``tail``, read backwards; 0 where fewer than ``least``."""
        listed = self._listed
        if least and (end < least or least > len(tail) or listed[end - least] != tail[least - 1]):
            return 0
        for count, token in enumerate(tail):
            if count >= end or listed[end - 1 - count] != token or token == BARRIER:
                return count
        return len(tail)

    def following(self, start: int, count: int) -> list[int]:
        """At most ``count`` tokens from ``start``, up to the end or a barrier."""
        found = self._listed[start : min(start + count, self.length)]
        return found[: found.index(BARRIER)] if BARRIER in found else found
