"""The end of the line in single-line mode, and runs of blank lines in any mode."""

from .place import indent_of
from .written import Rule, Stop, Written


class OneLine(Rule):
    """Stops at the end of the first line that has something on it; trailing blanks go."""

    def on_line(self, written: Written) -> Stop | None:
        """Stop unless the cursor's line, or the lines up to here, are blank."""
        return Stop(written.solid, "line") if written.lines else None


class BlankLines(Rule):
    """Stops at more blank lines in a row than code has: one inside a block, two at the top level."""

    def on_line(self, written: Written) -> Stop | None:
        """Stop at the first blank line too many, after the last line with text."""
        place = written.place
        most = 1 if indent_of(place.line) or place.opener else 2
        return Stop(written.before_line, "block") if written.blank_run > most else None
