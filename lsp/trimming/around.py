"""The cursor's surroundings, as the trimming rules see them."""

from dataclasses import dataclass
from functools import cached_property

from ..languages import Language, language_of, width_of
from ..scanner import State, scan, state_before_line
from .style import Style, style_of

NEIGHBOURS = 8
"""Lines with text that are kept from above and from below the cursor's."""
READ_AHEAD = 2000
"""Characters after the cursor that are looked at."""


@dataclass(frozen=True)
class Around:
    """What stands around the cursor: ``prefix`` and ``suffix`` as sent to the daemon, line ends as ``\\n``.

    ``language`` is the editor's name for it, ``path`` helps where that is unknown. ``indent`` is the
    indentation, in columns, of the line that opens the block around the cursor (``Scope.indent`` of
    ``moment``), None at the top level or where it is unknown. ``style`` None is told from the text.
    """

    prefix: str
    suffix: str
    language: str = ""
    path: str = ""
    indent: int | None = None
    style: Style | None = None

    @cached_property
    def syntax(self) -> Language:
        """What the language's strings, comments and blocks look like."""
        return language_of(self.language, self.path)

    @cached_property
    def line(self) -> str:
        """The cursor's line up to the cursor."""
        return self.prefix[self.prefix.rfind("\n") + 1 :]

    @cached_property
    def rest(self) -> str:
        """The cursor's line from the cursor on."""
        return self.suffix.partition("\n")[0]

    @cached_property
    def above(self) -> tuple[str, ...]:
        """The nearest lines with text above the cursor's, nearest first, without trailing blanks."""
        found: list[str] = []
        end = len(self.prefix) - len(self.line) - 1
        while end > 0 and len(found) < NEIGHBOURS:
            start = self.prefix.rfind("\n", 0, end) + 1
            line = self.prefix[start:end].rstrip()
            found += [line] if line else []
            end = start - 1
        return tuple(found)

    @cached_property
    def below(self) -> tuple[str, ...]:
        """The nearest lines with text below the cursor's, nearest first, without trailing blanks."""
        lines = self.suffix[:READ_AHEAD].split("\n")[1:]
        if len(self.suffix) > READ_AHEAD:
            lines = lines[:-1]  # read in part
        return tuple(line.rstrip() for line in lines if line.strip())[:NEIGHBOURS]

    @cached_property
    def at_line(self) -> State:
        """What is open where the cursor's line begins."""
        return state_before_line(self.prefix, self.syntax)[0]

    @cached_property
    def at_cursor(self) -> State:
        """What is open at the cursor."""
        return scan(self.line, self.syntax, self.at_line)

    @cached_property
    def base(self) -> int:
        """Columns of indentation of the cursor's line up to the cursor."""
        return width_of(self.line)

    @cached_property
    def buffer_style(self) -> Style:
        """How the buffer is indented."""
        earlier = self.prefix[: len(self.prefix) - len(self.line)]
        return self.style or style_of(earlier[-4 * READ_AHEAD :] + self.suffix[:READ_AHEAD])

    def state_after(self, text: str) -> State:
        """Return what is open after ``text`` at the cursor."""
        return scan(self.line + text, self.syntax, self.at_line)
