"""The text generated so far, as the stop rules see it, and what a stop rule is."""

from dataclasses import dataclass
from typing import NamedTuple

from ..records import Finish
from .lexer import Lexer
from .place import Place


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a completion: its text is the first ``keep`` characters of what was generated."""

    keep: int
    finish: Finish


class Line(NamedTuple):
    """A finished line that is not blank.

    ``text`` has, on the first line, what stood before the cursor, and no trailing blanks; ``end`` is an
    offset in the generated text, before trailing blanks and the newline.
    """

    text: str
    end: int


class Written:
    """Generated text with its lines, and a lexer that began with what is open at the cursor."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.text = ""
        self.start = 0  # of the current line
        self.number = 0  # of the current line; 0 is the cursor's
        self.lines: list[Line] = []
        self.blank_run = 0  # blank lines in a row just before the current line
        self.lexer = Lexer(place.syntax, place.open)
        self.depth_before = self.depth  # the lexer's depth where the current line begins
        self.quoted_before = self.lexer.quoted

    @property
    def line(self) -> str:
        """The current line so far, with what stood before the cursor on it."""
        return self.place.line + self.text if self.number == 0 else self.text[self.start :]

    @property
    def solid(self) -> int:
        """Where the text ends without its trailing whitespace."""
        return len(self.text.rstrip())

    @property
    def before_line(self) -> int:
        """Where the last finished line that is not blank ends, 0 if there is none."""
        return self.lines[-1].end if self.lines else 0

    @property
    def depth(self) -> int:
        """How much was open at the cursor, as a lexer's depth."""
        return len(self.place.open)

    def add(self, char: str) -> None:
        """Append one character."""
        if char == "\n":
            self._end_line()
            return
        self.text += char
        self.lexer.feed(char)

    def _end_line(self) -> None:
        line = self.line.rstrip()
        if line:
            self.lines.append(Line(line, self.solid))
        self.blank_run = 0 if line else self.blank_run + 1
        self.text += "\n"
        self.lexer.feed("\n")
        self.depth_before, self.quoted_before = self.lexer.depth, self.lexer.quoted
        self.start = len(self.text)
        self.number += 1


class Rule:
    """One reason to stop. It sees each character once, in order; this base never stops."""

    def on_char(self, written: Written) -> Stop | None:  # noqa: ARG002
        """Called after each character but a newline."""
        return None

    def on_line(self, written: Written) -> Stop | None:  # noqa: ARG002
        """Called after each newline."""
        return None

    def on_end(self, written: Written) -> int:
        """How many first characters to keep when the generation ended for a reason other than a rule."""
        return len(written.text)

    def settled(self, written: Written) -> int:
        """How many first characters no later ``keep`` of this rule takes back, trailing whitespace aside."""
        return len(written.text)
