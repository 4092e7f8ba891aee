"""What was, or is being, suggested at which place of which text: typing on along it needs no daemon.

A ghost is a text that belongs behind one prefix and before one suffix, both as :mod:`place` cuts them. It
answers for every place on its way: the same prefix and more of the ghost typed after it, before the same
suffix. An editor that closes brackets by itself puts closers between; those are seen through. An edit
anywhere else in what the model read makes another prefix or suffix, and the ghost no longer answers. Pure.
"""

from collections import OrderedDict
from dataclasses import dataclass

from ..daemon.protocol import Done
from .place import MAX_SUFFIX, unix
from .text import Text

MAX_GHOSTS = 64
MAX_CHARACTERS = 1 << 21  # of all prefixes, suffixes and texts: what the store may take of the memory
COMPARED = MAX_SUFFIX // 2  # characters of a suffix
MAX_AHEAD = 16  # characters; nobody guesses more than that of what is not written yet
MAX_TYPED = 4096  # characters between two looks at a document; more is no typing
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_QUOTES = "\"'`"


@dataclass(slots=True, eq=False)
class Ghost:
    """``text`` goes between ``prefix`` and ``suffix``; while it is not ``complete`` it grows at its end.

    ``rank`` is 0 for the greedy one of a place, else its number among the sampled ones. ``indent`` is that of
    the line that opens the block around its place, in columns, None where there is none. It took ``tokens``,
    was perhaps ``prefetched``, was ``given`` to the editor, and ``followed`` up by what comes after it. One
    that is not ``likely`` is shown only where it is asked for by hand. ``done`` is the daemon's answer.
    """

    prefix: str
    suffix: str
    text: str = ""
    complete: bool = False
    rank: int = 0
    indent: int | None = None
    tokens: int = 0
    prefetched: bool = False
    given: bool = False
    followed: bool = False
    likely: bool = True
    done: Done | None = None

    def rest(self, prefix: str, suffix: str) -> str | None:
        """Return what is left of it to write at a place; None where the place is not on its way.

        "" where all of it is typed; for one that grows, also where a little more is typed than is written.
        """
        if not prefix.startswith(self.prefix):
            return None
        typed = prefix[len(self.prefix) :]
        if self.precedes(suffix):
            return self.after(typed)
        between = closers(typed)
        if between and suffix.startswith(between) and _same(suffix[len(between) :], self.suffix):
            return self.after(typed, between)
        return None

    def precedes(self, suffix: str) -> bool:
        """Tell whether this is its suffix, without closers of the editor before it."""
        return _same(suffix, self.suffix)

    def after(self, typed: str, between: str = "") -> str | None:
        """As ``rest``, ``typed`` standing behind its prefix and ``between`` before its suffix."""
        if between and between != closers(typed):
            return None
        if self.text.startswith(typed):
            rest = self.text[len(typed) :]
            return _inside(typed, rest) if between else rest
        ahead = len(typed) - len(self.text)
        return "" if not self.complete and ahead <= MAX_AHEAD and typed.startswith(self.text) else None


def closers(typed: str) -> str:
    """Return what closes the brackets and quotes left open in ``typed``, the innermost first."""
    return "".join(reversed(_due_after(typed)))


def _due_after(text: str) -> list[str]:
    due: list[str] = []
    for character in text:
        _take(character, due)
    return due


def _take(character: str, due: list[str]) -> None:
    """Change ``due``, the closers of what is open, by one more character."""
    if due and character == due[-1]:
        due.pop()
    elif due and due[-1] in _QUOTES:
        return
    elif character in _PAIRS:
        due.append(_PAIRS[character])
    elif character in _QUOTES:
        due.append(character)


def _inside(typed: str, rest: str) -> str:
    """Return ``rest`` up to where it would close what an editor has closed already."""
    due = _due_after(typed)
    depth = len(due)
    for index, character in enumerate(rest):
        _take(character, due)
        if len(due) < depth:
            return rest[:index]
    return rest


def _same(suffix: str, other: str) -> bool:
    """Compare as far as any prompt reads; where texts are cut, they may be cut at different lengths."""
    return suffix[:COMPARED] == other[:COMPARED]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in one version of a document, by offset, with the model's view of both its sides.

    A ``tentative`` one is behind a popup's item that is selected and not in the text yet: what the document
    comes to is for the next request to tell.
    """

    text: Text
    start: int
    cursor: int
    prefix: str
    suffix: str
    tentative: bool = False

    def typed_since(self, now: Text) -> str | None:
        """Return what came in at this place since; None where anything else is different."""
        grown = len(now) - len(self.text)
        if not 0 <= grown <= MAX_TYPED or self.cursor + grown > len(now):
            return None
        if unix(now.slice(self.start, self.cursor)) != self.prefix:
            return None
        after = self.cursor + grown
        if "\r\n" in (now.slice(max(0, at - 1), min(len(now), at + 1)) for at in (self.cursor, after)):
            return None  # two line ends became one
        if not _same(unix(now.slice(after, min(len(now), after + MAX_SUFFIX))), self.suffix):
            return None
        return unix(now.slice(self.cursor, after))

    def is_passed_by(self, ghost: Ghost, now: Text) -> bool:
        """Tell whether the document, as it is now, is no longer on the way of a ghost at this place."""
        if self.tentative:
            return False
        typed = self.typed_since(now)
        if typed is None:
            return True
        if ghost.after(typed) is not None:
            return False
        lengths = range(len(typed) - 1, -1, -1)  # the editor may have closed brackets behind the cursor
        return all(
            typed[at:] != closers(typed[:at]) or ghost.after(typed[:at], typed[at:]) is None for at in lengths
        )


class Ghosts:
    """The latest complete ghosts, by document and a ``stamp`` that must not have changed since."""

    def __init__(self, limit: int = MAX_GHOSTS, characters: int = MAX_CHARACTERS) -> None:
        self._limit = limit
        self._room = characters
        self._kept: OrderedDict[Ghost, tuple[str, int]] = OrderedDict()

    def keep(self, ghost: Ghost, uri: str, stamp: int = 0) -> list[Ghost]:
        """Remember a ghost; returns those that made room for it, the oldest first."""
        self._kept[ghost] = (uri, stamp)
        self._room -= _size(ghost)
        gone = []
        while len(self._kept) > self._limit or (self._room < 0 and len(self._kept) > 1):
            gone.append(self._drop(next(iter(self._kept))))
        return gone

    def find(self, uri: str, prefix: str, suffix: str, stamp: int = 0) -> list[tuple[Ghost, str]]:
        """Return the ghosts that answer at a place with what is left of each, the latest first."""
        found = []
        for ghost in reversed([ghost for ghost, key in self._kept.items() if key == (uri, stamp)]):
            rest = ghost.rest(prefix, suffix)
            if rest or rest == ghost.text:
                found.append((ghost, rest))
        for ghost, _ in reversed(found):
            self._kept.move_to_end(ghost)
        return found

    def forget(self, uri: str) -> list[Ghost]:
        """Drop and return all of a document."""
        return [self._drop(ghost) for ghost, key in list(self._kept.items()) if key[0] == uri]

    def clear(self) -> list[Ghost]:
        """Drop and return everything."""
        return [self._drop(ghost) for ghost in list(self._kept)]

    def _drop(self, ghost: Ghost) -> Ghost:
        del self._kept[ghost]
        self._room += _size(ghost)
        return ghost


def _size(ghost: Ghost) -> int:
    return len(ghost.prefix) + len(ghost.suffix) + len(ghost.text)
