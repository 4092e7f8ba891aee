"""Where the user edited lately, in which file, as the text reads there now."""

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

from ..difference import Difference
from ..place import unix
from ..text import Text
from .windows import MOST_LINES, Window

MOST = 16
NEAR = 8
"""Lines around an edit that go with it; edits nearer to each other are one region."""


@dataclass(frozen=True, slots=True)
class Region:
    """The edited characters from ``start`` to ``end`` (offsets) of ``text``, a version of the file."""

    path: Path
    text: Text
    start: int
    end: int

    def window(self) -> Window:
        """Return the lines of the edit with some around it."""
        first = max(0, self.text.line_of(self.start) - NEAR)
        last = min(self.text.line_of(self.end) + NEAR, first + MOST_LINES - 1)
        lines = self.text.slice(self.text.line_start(first), self.text.line_end(last))
        return Window(self.path, first, unix(lines).rstrip())


class Regions:
    """The last edited regions, the latest first."""

    def __init__(self) -> None:
        self._regions: deque[Region] = deque(maxlen=MOST)

    def edited(self, path: Path, text: Text, made: Difference) -> None:
        """Take note of an edit that made ``text``; older regions of the file move along with it."""
        latest = Region(path, text, made.start, made.end)
        kept: list[Region] = []
        for region in self._regions:
            moved = _moved(region, text, made) if region.path == path else region
            if moved.path == path and _near(moved, latest):
                latest = replace(latest, start=min(latest.start, moved.start), end=max(latest.end, moved.end))
            else:
                kept.append(moved)
        if text.line_of(latest.end) - text.line_of(latest.start) > MOST_LINES:
            latest = Region(path, text, made.start, made.end)
        self._regions = deque([latest, *kept][:MOST], maxlen=MOST)

    def windows(self) -> list[Window]:
        """Return the windows of all regions, the latest first."""
        return [region.window() for region in self._regions]


def _moved(region: Region, text: Text, made: Difference) -> Region:
    """The region in the next version of its file."""
    removed_end = made.start + len(made.removed)
    shift = len(made.inserted) - len(made.removed)

    def where(offset: int) -> int:
        if offset <= made.start:
            return offset
        return offset + shift if offset >= removed_end else made.end

    return Region(region.path, text, where(region.start), where(region.end))


def _near(region: Region, other: Region) -> bool:
    text = region.text
    first, last = text.line_of(region.start), text.line_of(region.end)
    return text.line_of(other.start) - last <= NEAR and first - text.line_of(other.end) <= NEAR
