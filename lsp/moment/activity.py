"""What the user did last to a document: wrote, deleted, undid, or edited at several places at once.

Nothing in LSP says so; it is told from the versions of the text. A change that brings back one of the last
versions is an undo or a redo, unless it only inserts a character, which a person may as well have typed.
Editors may send several keys typed in a row as several changes at once; changes on different lines are the
work of several cursors.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from ..difference import Difference, difference
from ..text import Text

REMEMBERED = 32  # versions of a document

Kind = Literal["none", "typed", "deleted", "undone", "several"]


@dataclass(frozen=True, slots=True)
class Activity:
    """The last change of a document; ``start`` and ``end`` are where its text now stands (offsets)."""

    kind: Kind = "none"
    start: int = 0
    end: int = 0

    def is_at(self, offset: int) -> bool:
        """Tell whether a cursor at ``offset`` may be where this change left it."""
        return self.kind == "none" or self.start <= offset <= self.end


class Watch:
    """Follows one document. Make one when it opens and tell it every change."""

    def __init__(self, text: Text) -> None:
        self._versions: deque[Text] = deque([text], maxlen=REMEMBERED)
        self.last = Activity()

    def changed(self, text: Text, changes: int = 1) -> Activity:
        """Take the next version, made by so many content changes of one notification; return what it was."""
        made = difference(self._versions[-1], text)
        if made is None:
            return self.last
        self.last = Activity(self._kind(text, made, changes), made.start, made.end)
        self._versions.append(text)
        return self.last

    def _kind(self, text: Text, made: Difference, changes: int) -> Kind:
        if not made.inserted:
            return "deleted"
        if changes > 1 and "\n" in made.removed and "\n" in made.inserted:
            return "several"
        one_key = not made.removed and (len(made.inserted) == 1 or not made.inserted.strip())
        if not one_key and any(_equal(text, version) for version in self._versions):
            return "undone"
        return "typed"


def _equal(one: Text, other: Text) -> bool:
    return len(one) == len(other) and difference(one, other) is None
