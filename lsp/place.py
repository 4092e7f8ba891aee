"""Where a completion goes: what the model reads of the document, and the range that an item replaces.

An item covers its line from a stable column to the cursor and repeats what is typed there, so that typing on,
or accepting faster than the editor refreshes, neither flickers nor doubles characters. Text goes to the
model, and comes back, with ``\\n`` for line ends; editors insert their own.
"""

from dataclasses import dataclass

from lsprotocol import types

from .text import Text, clean

MAX_PREFIX = 1 << 17  # characters; more than any context holds
MAX_SUFFIX = 1 << 15
LONG_LINE = 1 << 12  # characters before the cursor; beyond, an item does not repeat the line
# The prompt's window counts lines from where the text it gets begins: that moves seldom, and by these steps.
_LINE_STEPS = (1024, 256, 64, 16)
_LONG_LINE_STEP = 1 << 14  # characters


@dataclass(frozen=True, slots=True)
class Place:
    """What stands before and after the cursor, and where an item goes: ``typed`` stands in ``range``.

    ``prefix`` is the text from offset ``start`` to ``cursor``, unless a popup's item is selected; the range
    is from ``item_start`` to ``cursor``.
    """

    prefix: str
    suffix: str
    typed: str
    range: types.Range
    next_character: str
    start: int
    item_start: int
    cursor: int


def place_at(text: Text, line: int, column: int) -> Place:
    """Return the place of a cursor; a position outside the text is moved into it."""
    cursor = text.offset(line, column)
    line = text.line_of(cursor)
    start = text.line_start(line)
    if cursor - start > LONG_LINE:
        stable = cursor
    else:
        before = text.slice(start, cursor)
        stable = start + len(before) - len(before.lstrip(" \t"))
    return _place(text, stable, cursor, text.slice(stable, cursor))


def place_of_selected(text: Text, selected: types.SelectedCompletionInfo) -> Place | None:
    """Return the place after the popup's selected item, as if it were inserted; None where it spans lines."""
    start, end = selected.range.start, selected.range.end
    if start.line != end.line or "\n" in selected.text or "\r" in selected.text:
        return None
    first = text.offset(start.line, start.character)
    last = text.offset(end.line, end.character)
    if last < first:
        return None
    return _place(text, first, last, clean(selected.text))


def _place(text: Text, stable: int, after: int, typed: str) -> Place:
    """Return the place behind ``typed``, which is, or is to be, between offsets ``stable`` and ``after``."""
    start = _window_start(text, stable)
    return Place(
        prefix=unix(text.slice(start, stable)) + typed,
        suffix=unix(text.slice(after, min(len(text), after + MAX_SUFFIX))),
        typed=typed,
        range=types.Range(types.Position(*text.position(stable)), types.Position(*text.position(after))),
        next_character=text.slice(after, min(len(text), after + 1)),
        start=start,
        item_start=stable,
        cursor=after,
    )


def _window_start(text: Text, cursor: int) -> int:
    """Return where the prefix that is sent begins, at most ``MAX_PREFIX`` before the cursor: at an anchor."""
    earliest = cursor - MAX_PREFIX
    if earliest <= 0:
        return 0
    line, last = text.line_of(earliest) + 1, text.line_of(cursor)
    for step in _LINE_STEPS:
        if 4 * step <= last - line:
            return text.line_start(-(-line // step) * step)
    return -(-earliest // _LONG_LINE_STEP) * _LONG_LINE_STEP


def unix(text: str) -> str:
    """Return ``text`` with ``\\n`` for every line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
