"""Meeting the suffix: the generated text reaches what stands after the cursor."""

from .lexer import CLOSERS, Lexer
from .place import Place
from .written import Rule, Stop, Written

LONGEST = 64
"""Characters of the rest of the line that are compared."""
NEEDLE = 24
"""A match of this many characters is enough to stop before the rest is complete."""


def solid_text(text: str, characters: int, letters: int) -> bool:
    """Whether ``text`` has at least so many visible characters, and so many of them alphanumeric."""
    visible = [char for char in text if not char.isspace()]
    return len(visible) >= characters and sum(char.isalnum() for char in visible) >= letters


def overlap(text: str, rest: str) -> int:
    """The length of the longest end of ``text`` that ``rest`` starts with."""
    return next((size for size in range(min(len(text), len(rest)), 0, -1) if text.endswith(rest[:size])), 0)


class RestOfLine(Rule):
    """Stops where the text repeats what stands to the right of the cursor.

    Brackets and quotes are counted, not compared: in ``f(|)`` the first ``)`` that closes nothing generated
    is the one already there. Other text must match for a few letters, or to the end of the line.
    """

    def __init__(self, place: Place) -> None:
        self._rest = place.rest[:LONGEST]
        needle = self._rest[:NEEDLE].rstrip()
        self._needle = needle if solid_text(needle, 8, 4) else ""
        self._line_end = self._rest if len(place.rest) <= LONGEST and not _only_closers(place.rest) else ""
        self._closer, self._least_depth = _closing(place)

    def on_char(self, written: Written) -> Stop | None:
        """Stop at a closer that the rest of the line brings, or at a match of its beginning."""
        if written.text[-1] == self._closer and written.lexer.depth < self._least_depth:
            size = overlap(written.text, self._rest)
            if size > 1 or self._rest.lstrip().startswith(self._closer):
                return Stop(len(written.text) - max(1, size), "suffix")
        if self._needle and written.text.endswith(self._needle):
            return Stop(len(written.text) - len(self._needle), "suffix")
        return None

    def on_line(self, written: Written) -> Stop | None:
        """Stop if the finished line ends in the whole rest."""
        keep = self.on_end(written)
        return Stop(keep, "suffix") if keep < len(written.text) else None

    def on_end(self, written: Written) -> int:
        """Cut a repetition of the whole rest."""
        body = written.text[: written.solid]
        return (
            len(body) - len(self._line_end)
            if self._line_end and body.endswith(self._line_end)
            else len(written.text)
        )

    def settled(self, written: Written) -> int:
        """The text but for an end that may be the beginning of the rest."""
        body = written.text[: written.solid]
        return len(body) - overlap(body, self._rest)


def _only_closers(rest: str) -> bool:
    return all(char in CLOSERS or char in "\"'`" or char.isspace() for char in rest)


def _closing(place: Place) -> tuple[str, int]:
    """The first character of the rest that closes something open at the cursor, "" if none does.

    With it, the depth that the generated text may not fall below by that character: what was opened on the
    line and is not closed by the rest may still be closed.
    """
    lexer, depth = Lexer(place.syntax, place.open), len(place.open)
    closer, lowest = "", depth
    for char in place.rest[:LONGEST]:
        lexer.feed(char)
        if lexer.depth < lowest:
            closer, lowest = closer or char, lexer.depth
    return closer, depth - max(0, place.open_here - (depth - lowest))


class LinesBelow(Rule):
    """Stops before a line that is already there below the cursor.

    A line that says little (``pass``, ``else:``) counts only if the one after it follows too.
    """

    def __init__(self, place: Place) -> None:
        self._first, self._second = (*place.below, "", "")[:2]
        self._enough = solid_text(self._first, 8, 3) or not self._second
        self._pending: int | None = None  # where to cut if the line after a weak match matches too

    def on_line(self, written: Written) -> Stop | None:
        """Compare the line just finished."""
        if not self._first or written.blank_run or not written.lines:
            return None
        line, before = written.lines[-1].text, written.lines[-2].end if len(written.lines) > 1 else 0
        if self._pending is not None and line == self._second:
            return Stop(self._pending, "suffix")
        if line == self._first and self._enough:
            return Stop(before, "suffix")
        self._pending = before if line == self._first else None
        return None

    def on_end(self, written: Written) -> int:
        """Compare the unfinished line."""
        line = written.line.rstrip()
        if self._pending is not None and line == self._second:
            return self._pending
        return written.before_line if line and line == self._first and self._enough else len(written.text)

    def settled(self, written: Written) -> int:
        """The text but for lines that may turn out to be the ones below."""
        line = written.line.rstrip()
        if self._pending is not None and self._second.startswith(line):
            return self._pending
        return written.before_line if line and self._first.startswith(line) else len(written.text)
