"""Text as an editor edits it: positions are (line, column), a change is cheap, and a value never changes.

Line ends are ``\\n``, ``\\r\\n`` and ``\\r`` and nothing else; columns count units of the negotiated encoding
(LSP 3.18, "Text Documents" and "Position"). The text is kept in chunks with running totals, so that a change
touches a chunk or two and some numbers per chunk, however long the file or its lines are.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, islice

CHUNK = 4096  # characters
_LINE_END = re.compile(r"\r\n|\n|\r")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How columns are counted: in units of ``size`` bytes of ``codec``."""

    codec: str
    size: int

    def width(self, text: str) -> int:
        """Units of ``text``."""
        if self.size == 4 or text.isascii():
            return len(text)
        return len(text.encode(self.codec)) // self.size

    def index(self, text: str, units: int) -> int:
        """Characters of ``text`` that lie wholly within its first ``units`` units."""
        if self.size == 4 or text.isascii():
            return min(units, len(text))
        return len(text.encode(self.codec)[: units * self.size].decode(self.codec, "ignore"))


ENCODINGS = {
    "utf-8": Encoding("utf-8", 1),
    "utf-16": Encoding("utf-16-le", 2),
    "utf-32": Encoding("utf-32-le", 4),
}


def clean(text: str) -> str:
    """Return ``text`` with U+FFFD for each half of a surrogate pair, which is as wide in every encoding."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def count_line_ends(text: str) -> int:
    """Line ends in ``text``."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


@dataclass(frozen=True, slots=True)
class Text:
    """An immutable text. Offsets are characters from its start; entry i of a total is that before chunk i.

    No chunk ends between the two characters of ``\\r\\n``, and none is empty but the one of an empty text.
    """

    encoding: Encoding
    chunks: tuple[str, ...]
    chars: tuple[int, ...]
    units: tuple[int, ...]
    line_ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str, encoding: Encoding) -> "Text":
        """Return the text that reads ``text``."""
        return cls(encoding, *_with_totals(_cut(clean(text)) or [""], encoding))

    def __len__(self) -> int:
        return self.chars[-1]

    def __str__(self) -> str:
        return "".join(self.chunks)

    @property
    def last_line(self) -> int:
        """The number of the last line, counted from 0."""
        return self.line_ends[-1]

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a position; one past a line's or the text's end stands for that end.

        A column inside a character stands for the character's start.
        """
        if line < 0:
            return 0
        start = self.line_start(line)
        wanted = self._units_before(start) + max(0, column)
        end = self.line_end(line)
        if wanted >= self._units_before(end):
            return end
        chunk = bisect_right(self.units, wanted) - 1
        return self.chars[chunk] + self.encoding.index(self.chunks[chunk], wanted - self.units[chunk])

    def position(self, offset: int) -> tuple[int, int]:
        """Return (line, column) of an offset that does not stand inside ``\\r\\n``."""
        line = self.line_of(offset)
        return line, self._units_before(offset) - self._units_before(self.line_start(line))

    def line_of(self, offset: int) -> int:
        """Return the number of the line that ``offset`` stands in."""
        chunk = self._chunk_at(offset)
        return self.line_ends[chunk] + count_line_ends(self.chunks[chunk][: offset - self.chars[chunk]])

    def line_start(self, line: int) -> int:
        """Return the offset where a line starts; the text's end for lines past the last."""
        if line <= 0:
            return 0
        return self._line_end(line)[1] if line <= self.last_line else len(self)

    def line_end(self, line: int) -> int:
        """Return the offset where a line ends, before its line end."""
        return self._line_end(line + 1)[0] if line < self.last_line else len(self)

    def slice(self, start: int, end: int) -> str:
        """Return the characters from offset ``start`` up to ``end``."""
        if start >= end:
            return ""
        first, last = self._chunk_at(start), self._chunk_at(end)
        whole = "".join(self.chunks[first : last + 1])
        return whole[start - self.chars[first] : end - self.chars[first]]

    def replace(self, start: int, end: int, new: str) -> "Text":
        """Return the text with ``new`` instead of what stands from offset ``start`` up to ``end``."""
        start, end = min(start, end), max(start, end)
        first, last = self._chunk_at(start), self._chunk_at(end)
        head = self.chunks[first][: start - self.chars[first]]
        tail = self.chunks[last][end - self.chars[last] :]  # empty at the end of the text only
        if len(head) < CHUNK // 2 and first > 0:  # keeps chunks large, and \r\n in one of them
            first -= 1
            head = self.chunks[first] + head
        return self._spliced(first, last + 1, _cut(head + clean(new) + tail))

    def _spliced(self, first: int, after: int, chunks: list[str]) -> "Text":
        """Put ``chunks`` in the place of those from ``first`` up to ``after``."""
        if not chunks and first == 0 and after == len(self.chunks):
            chunks = [""]
        new, chars, units, line_ends = _with_totals(chunks, self.encoding)
        return Text(
            self.encoding,
            self.chunks[:first] + new + self.chunks[after:],
            _joined(self.chars, first, after, chars),
            _joined(self.units, first, after, units),
            _joined(self.line_ends, first, after, line_ends),
        )

    def _chunk_at(self, offset: int) -> int:
        return min(bisect_right(self.chars, offset), len(self.chunks)) - 1

    def _units_before(self, offset: int) -> int:
        chunk = self._chunk_at(offset)
        return self.units[chunk] + self.encoding.width(self.chunks[chunk][: offset - self.chars[chunk]])

    def _line_end(self, number: int) -> tuple[int, int]:
        """Return the offsets where the line end of this number, counted from 1, starts and ends."""
        chunk = bisect_left(self.line_ends, number) - 1
        found = _LINE_END.finditer(self.chunks[chunk])
        match = next(islice(found, number - self.line_ends[chunk] - 1, None))
        return self.chars[chunk] + match.start(), self.chars[chunk] + match.end()


Totals = tuple[int, ...]


def _with_totals(chunks: list[str], encoding: Encoding) -> tuple[tuple[str, ...], Totals, Totals, Totals]:
    return (
        tuple(chunks),
        _totals(map(len, chunks)),
        _totals(map(encoding.width, chunks)),
        _totals(map(count_line_ends, chunks)),
    )


def _totals(numbers: Iterable[int]) -> Totals:
    return tuple(accumulate(numbers, initial=0))


def _joined(old: Totals, first: int, after: int, new: Totals) -> Totals:
    """Return ``old`` with ``new``, which starts at 0, for its entries from ``first`` to ``after``."""
    middle = [old[first] + total for total in new]
    shift = middle[-1] - old[after]
    rest = [total + shift for total in old[after + 1 :]] if shift else old[after + 1 :]
    return (*old[:first], *middle, *rest)


def _cut(text: str) -> list[str]:
    """Return ``text`` in chunks, whole if it is no longer than two of them."""
    if len(text) <= 2 * CHUNK:
        return [text] if text else []
    chunks, start = [], 0
    while start < len(text):
        end = start + CHUNK
        if text[end - 1 : end + 1] == "\r\n":
            end += 1
        chunks.append(text[start:end])
        start = end
    return chunks
