"""Pieces of a document that are followed through its changes, and how much of a text is still in one."""

import re
from difflib import SequenceMatcher

from .difference import difference
from .place import unix
from .text import Text

LARGEST = 4000  # characters that are compared; of longer texts the first
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


class Mark:
    """The piece of a document from offset ``start`` to ``end``, wherever changes move it."""

    def __init__(self, text: Text, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end

    @property
    def text(self) -> str:
        """What stands there now, with ``\\n`` for line ends."""
        return unix(self._text.slice(self._start, self._end))

    def move(self, now: Text) -> None:
        """Follow the piece to the next version of the document; what is put in at its ends is not of it."""
        made = difference(self._text, now)
        self._text = now
        if made is None:
            return
        grown = len(made.inserted) - len(made.removed)
        removed_end = made.start + len(made.removed)
        if removed_end <= self._start:
            self._start += grown
            self._end += grown
        elif made.start < self._end:
            self._start = min(self._start, made.start)
            self._end = max(self._end, removed_end) + grown


def find(text: Text, start: int, wanted: str) -> Mark | None:
    """Return a mark on ``wanted`` where it stands at offset ``start``; None where something else does."""
    lines = wanted.count("\n")
    piece = text.slice(start, min(len(text), start + len(wanted) + lines))
    if not unix(piece).startswith(wanted):
        return None
    end = len(wanted)
    while len(unix(piece[:end])) < len(wanted):
        end += 1
    return Mark(text, start, start + end)


def kept(wanted: str, now: str) -> int:
    """Return how many of the first ``LARGEST`` characters are still in ``now``, in order and word by word."""
    wanted = wanted[:LARGEST]
    if wanted in now:
        return len(wanted)
    before, after = _WORD.findall(wanted), _WORD.findall(now[: 2 * LARGEST])
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return sum(len(word) for block in blocks for word in before[block.a : block.a + block.size])
