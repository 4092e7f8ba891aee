"""Where the cursor is: its line, its neighbours, and what is open around it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from ..records import Completion
from .lexer import BRACKETS, Lexer, Syntax, syntax_of

READ_BACK = 6000
"""Characters before the cursor that are read for open brackets and strings."""
READ_AHEAD = 4000
NEIGHBOURS = 2
"""Non-blank lines kept from above and below the cursor's."""

_TOP_LEVEL = re.compile(r"^(?:def|class|async def|import|from|@)\b", re.MULTILINE)


def indent_of(line: str) -> int:
    """The width of the indentation of ``line``, tabs to multiples of eight."""
    return len(line[: len(line) - len(line.lstrip())].expandtabs(8))


@dataclass(frozen=True, slots=True)
class Place:
    """The cursor's surroundings, line ends as newline characters.

    ``line`` is the cursor's line up to the cursor, ``rest`` what follows on it. ``above`` and ``below`` are
    the nearest non-blank lines, nearest first, without trailing blanks. ``open`` is what the text before the
    cursor leaves open, outermost first; the last ``open_here`` of them were opened on the cursor's line.
    """

    line: str
    rest: str
    above: tuple[str, ...]
    below: tuple[str, ...]
    open: tuple[str, ...]
    open_here: int
    syntax: Syntax

    @classmethod
    def of(cls, request: Completion) -> "Place":
        """Read the surroundings of a request's cursor."""
        syntax = syntax_of(request.language, request.path)
        before = request.prefix[-READ_BACK:].replace("\r\n", "\n")
        earlier, newline, line = before.rpartition("\n")
        rest, _, after = request.suffix[:READ_AHEAD].replace("\r\n", "\n").partition("\n")
        lexer = Lexer(syntax)
        lexer.read(_readable(earlier + newline, syntax))
        outside = len(lexer.stack)
        lexer.read(line)
        return cls(
            line=line,
            rest=rest.rstrip(),
            above=_nearest(reversed(earlier.split("\n"))),
            below=_nearest(after.split("\n")),
            open=tuple(lexer.stack),
            open_here=max(0, len(lexer.stack) - outside),
            syntax=syntax,
        )

    @property
    def blank(self) -> bool:
        """Whether nothing but indentation stands before the cursor on its line."""
        return not self.line.strip()

    @property
    def quote(self) -> str:
        """The string or comment the cursor is in, by its opening characters; "" in code."""
        return self.open[-1] if self.open and self.open[-1] not in BRACKETS else ""

    @property
    def opener(self) -> bool:
        """Whether the cursor stands at the end of a line that opens a block, a bracket or a long string."""
        line = self.line.rstrip()
        if self.quote:
            return len(self.quote) > 1 and line.endswith(self.quote) and self.quote != self.syntax.comment
        if line.endswith(("(", "[", "{")):
            return True
        if self.syntax.indented:
            return line.endswith(":") and not self.open
        return line.endswith("=>")

    @property
    def multiline(self) -> bool:
        """Whether more than one line is wanted: on an empty line or after an opener, nothing to the right.

        A line of a comment, a string or other code in progress is finished as a single line.
        """
        if self.rest.strip() or self.quote in ("'", '"', self.syntax.comment):
            return False
        return self.blank or self.opener


def _nearest(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice((line.rstrip() for line in lines if line.strip()), NEIGHBOURS))


def _readable(text: str, syntax: Syntax) -> str:
    """The end of ``text`` that begins outside of strings, as far as can be told without reading all of it."""
    if not syntax.indented:
        return text
    start = max((match.start() for match in _TOP_LEVEL.finditer(text)), default=0)
    return text[start:]
