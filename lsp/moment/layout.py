"""The lines around the cursor and what their indentation tells."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..languages import width_of
from ..text import Text

READ = 64_000
"""Characters read before the cursor, up to half as many more: they begin at a multiple of that half."""
READ_AHEAD = 20_000


@dataclass(frozen=True, slots=True)
class Scope:
    """The block around the cursor: its text from ``start`` to ``end`` (offsets in the document).

    ``indent`` is the width, in columns, of the indentation of the line that opens the block; lines of the
    block have more. ``closed`` tells that the bracket that ends the block is there already.
    """

    start: int
    end: int
    indent: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Text around the cursor at ``offset``: ``before`` it and ``after`` it, as far as they are read."""

    offset: int
    before: str
    after: str

    @classmethod
    def of(cls, text: Text, offset: int) -> "Surroundings":
        """Read around a cursor."""
        start = max(0, (offset - READ) // (READ // 2) * (READ // 2))
        after = text.slice(offset, min(len(text), offset + READ_AHEAD))
        return cls(offset, text.slice(start, offset), after)

    @property
    def line(self) -> str:
        """The cursor's line up to the cursor."""
        return self.before[self.before.rfind("\n") + 1 :]

    @property
    def rest(self) -> str:
        """The cursor's line from the cursor on."""
        return self.after.partition("\n")[0].rstrip("\r")

    @property
    def indent(self) -> int:
        """Columns of indentation of the cursor's line up to the cursor."""
        return width_of(self.line)

    @property
    def goes_on_below(self) -> bool:
        """Whether the next line has a statement as deep as the cursor, or deeper."""
        lines = self.after.split("\n", 2)
        below = lines[1] if len(lines) > 1 else ""
        return bool(below.strip()) and width_of(below) >= self.indent and below.lstrip()[0] not in ")]}"

    @property
    def has_body_below(self) -> bool:
        """Whether the next line with text is indented deeper than the cursor's."""
        below = next((line for line in self.after.split("\n")[1:] if line.strip()), "")
        return width_of(below) > self.indent

    def scope(self, comments: tuple[str, ...] = ()) -> Scope | None:
        """Return the block around the cursor by indentation alone; None at the top level.

        Lines above that begin with one of ``comments`` open no block, wherever they stand.
        """
        depth = self.indent
        if self.line.rstrip().endswith((":", "{")):
            return Scope(self.offset, self.offset + self._end_below(depth), depth, closed=False)
        for end, line in self._lines_above():
            if line.strip() and width_of(line) < depth and not line.lstrip().startswith(comments):
                indent = width_of(line)
                start = self.offset - len(self.before) + end
                return Scope(start, self.offset + self._end_below(indent), indent, closed=False)
        return None

    def _lines_above(self) -> Iterator[tuple[int, str]]:
        """Lines above the cursor's, nearest first, each with the place in ``before`` where it ends."""
        end = self.before.rfind("\n")
        while end >= 0:
            start = self.before.rfind("\n", 0, end) + 1
            yield end, self.before[start:end]
            end = start - 1

    def _end_below(self, indent: int) -> int:
        """Where, after the cursor, the first line that is indented no deeper than ``indent`` begins."""
        position = self.after.find("\n") + 1
        while position:
            end = self.after.find("\n", position)
            line = self.after[position : end if end >= 0 else len(self.after)]
            if line.strip() and width_of(line) <= indent:
                return position
            position = end + 1
        return len(self.after)
