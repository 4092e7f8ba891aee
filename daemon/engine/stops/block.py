"""Leaving the block: the text goes on with lines that no longer belong to where the cursor is."""

import re

from .lexer import CLOSERS
from .place import Place, indent_of
from .written import Line, Rule, Stop, Written

_DEFINITION = re.compile(
    r"\s*(?:(?:export|default|public|private|protected|static|abstract|final|async|pub(?:\([a-z]+\))?)\s+)*"
    r"(?:@|(?:def|class|function\*?|func|fn|interface|struct|enum|trait|impl|namespace|module)\s+[\w$(])"
)


class Block(Rule):
    """Stops before a line indented less than the block, after its closing line, or after one definition.

    Lines inside strings and brackets have no say. The closing line of a block of brackets, or of a closing
    word, is kept unless the suffix already has it. After a definition at the top level any line ends it; in
    a body only a further definition does, since a statement may well use the first.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._floor = _floor(place)  # the least indentation of a line of the block; None: the first line's
        self._base = None if place.opener or not self._floor else self._floor
        self._fresh = place.blank  # no visible character yet on a line whose beginning is ours
        self._closing = False  # the current line began by closing the block
        self._free = False  # the current line began inside a string or brackets
        self._defined = False  # a definition has begun at the base
        self._inside = False  # and its body too
        self._after = False  # the current line follows a definition in a body

    def on_char(self, written: Written) -> Stop | None:
        """Judge a line by its indentation and first visible character."""
        if self._after and _DEFINITION.match(written.line):
            return Stop(written.before_line, "block")
        if not self._fresh or written.text[-1].isspace():
            return None
        self._fresh = False
        self._free = written.quoted_before or written.depth_before > written.depth
        if self._free:
            self._inside = self._defined
            return None
        self._closing = self._may_close(written)
        if self._closing or written.number == 0 or self._in_brackets():
            return None
        return self._judge(indent_of(written.line), written)

    def _may_close(self, written: Written) -> bool:
        if written.lexer.depth < written.depth and written.text[-1] in CLOSERS:
            return True
        low = self._floor is not None and indent_of(written.line) < self._floor
        return low and any(word.startswith(written.text[-1]) for word in self._place.syntax.words)

    def _in_brackets(self) -> bool:
        """Whether indentation is free because the cursor stands inside brackets."""
        return self._place.syntax.indented and bool(self._place.open)

    def _judge(self, indent: int, written: Written) -> Stop | None:
        if self._floor is None:
            self._floor = self._base = indent
        self._after = self._inside and indent == self._base
        if indent < self._floor or (self._after and (not indent or _DEFINITION.match(written.line))):
            return Stop(written.before_line, "block")
        self._inside = self._inside or (self._defined and self._base is not None and indent > self._base)
        return None

    def on_line(self, written: Written) -> Stop | None:
        """Judge a finished line: does it close the block, does it begin a definition?"""
        closing, free = self._closing, self._free
        self._closing, self._free, self._fresh = False, False, True
        if written.blank_run:
            return None
        line = written.lines[-1]
        if closing:
            return self._judge_closing(line, written)
        if written.lexer.depth < written.depth:
            return Stop(line.end, "block")
        if written.number == 1 and self._floor is None:
            self._floor = self._base = indent_of(line.text)
        if self._after:
            self._after = self._inside = self._defined = False
        elif not free and indent_of(line.text) == self._base and _DEFINITION.match(line.text):
            self._defined = True
        return None

    def _judge_closing(self, line: Line, written: Written) -> Stop | None:
        """Decide on a finished line that began by closing the block."""
        before = written.lines[-2].end if len(written.lines) > 1 else 0
        if self._below_has(line.text, first=written.number == 1):
            return Stop(before, "suffix")
        if written.lexer.depth < written.depth or self._pure(line.text):
            return Stop(line.end, "block")
        return Stop(before, "block") if self._floor and indent_of(line.text) < self._floor else None

    def _below_has(self, line: str, *, first: bool) -> bool:
        """Whether the next line below closes the same block; on the cursor's line indentation is free."""
        below = self._place.below[0] if self._place.below else ""
        same_place = first or indent_of(below) == indent_of(line)
        return bool(below) and same_place and below.lstrip()[0] == line.lstrip()[0]

    def _pure(self, line: str) -> bool:
        text = line.strip()
        return text in self._place.syntax.words or all(char in CLOSERS or char in ";, " for char in text)

    def on_end(self, written: Written) -> int:
        """Keep an unfinished closing line if it is one and the suffix lacks it."""
        line = written.line.rstrip()
        if not self._closing or (self._pure(line) and not self._below_has(line, first=written.number == 0)):
            return len(written.text)
        return written.before_line

    def settled(self, written: Written) -> int:
        """The text but for a line whose end decides: one that closes the block, or follows a definition."""
        return written.before_line if self._closing or self._after else len(written.text)


def _floor(place: Place) -> int | None:
    """The least indentation of a line of the block the cursor is in, None where the first line will tell."""
    indent = indent_of(place.line)
    if not place.blank:
        return indent + 1 if place.syntax.indented and place.opener and not place.open else indent
    if indent:
        return indent
    above = place.above[0] if place.above else ""
    return indent_of(above) + 1 if place.syntax.indented and above.endswith(":") and not place.open else None
