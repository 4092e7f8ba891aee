"""The longest earlier match of the end of a token sequence, and the history it is looked for in."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

BARRIER = -1
"""A token id that matches nothing: it keeps matches from running across two texts."""

LONGEST = 32
"""Tokens compared at most; beyond it a longer match says nothing more."""

_BARRIER = chr(BARRIER + 1)


class Match(NamedTuple):
    """Where the continuation of a match begins and how long the match is; no match has length 0.

    ``support`` is how many of all earlier occurrences of the last token go on with the same next token.
    """

    start: int
    length: int
    support: float


class History:
    """A growing sequence of tokens, kept as a text of a character for each, which Python searches fast."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._text = ""
        self._begin = 0  # of the tokens after the last barrier
        self.append(tokens)

    @property
    def length(self) -> int:
        """Tokens so far."""
        return len(self._text)

    def append(self, tokens: Sequence[int]) -> None:
        """Add tokens at the end."""
        if tokens:
            added = chr(tokens[0] + 1) if len(tokens) == 1 else _characters(tokens)
            if _BARRIER in added:
                self._begin = len(self._text) + added.rindex(_BARRIER) + 1
            self._text += added

    def match(self) -> Match:
        """The longest earlier match of the end, the latest of equally long ones."""
        text, last = self._text, len(self._text) - 1
        most = min(LONGEST, last + 1 - self._begin)
        end = text.rfind(text[last], 0, last) if most > 0 else -1
        length = start = 0
        while end >= 0:
            start = end + 1
            length = self._agreement(end, length + 1, min(most, start))
            if length == most:
                break
            end = text.rfind(text[last - length :], 0, end)
            end += length if end >= 0 else 0
        if not length:
            return Match(last + 1, 0, 0.0)
        return Match(start, length, self._support(text[last], text[start]))

    def _agreement(self, end: int, known: int, most: int) -> int:
        """How many tokens up to ``end`` equal the last ones, of which ``known`` do; ``most`` at most."""
        text, last, length = self._text, len(self._text) - 1, known
        while length < most and text[end - length] == text[last - length]:
            length += 1
        return length

    def _support(self, token: str, following: str) -> float:
        """The part of what follows ``token`` that is ``following``."""
        text = self._text
        pairs = text.count(token + following) if token != following else self._doubled(token)
        return pairs / text.count(token, 0, len(text) - 1)

    def _doubled(self, token: str) -> int:
        """How often ``token`` follows itself; where it stands three times in a row, twice."""
        count, at = 0, self._text.find(token + token)
        while at >= 0:
            count += 1
            at = self._text.find(token + token, at + 1)
        return count

    def following(self, start: int, count: int) -> list[int]:
        """At most ``count`` tokens from ``start``, up to the end or a barrier."""
        found = self._text[start : start + count].partition(_BARRIER)[0]
        return [ord(token) - 1 for token in found]


def _characters(tokens: Sequence[int]) -> str:
    """Each token as the character with the number after its own, so that a barrier has one too."""
    return (np.array(tokens, dtype="<i4") + 1).tobytes().decode("utf-32-le", "surrogatepass")
