"""What already stands after the cursor is not suggested once more: the rest of the line, and lines below."""

from ..languages import width_of
from .around import Around

CLOSING = frozenset(")]}>\"'`;,: \t")
ENOUGH = 8
"""Visible characters that make an overlap with part of the rest of the line one that is meant."""


def cut_rest_of_line(text: str, around: Around) -> str:
    """Cut the longest end of the text that the rest of the line begins with.

    Only where the text before it leaves open what is open at the cursor: in ``f(|)`` the last closer of
    ``g(x)`` is no overlap, that of ``x)`` is.
    """
    rest = around.rest.rstrip()
    for size in range(min(len(text), len(rest)), 0, -1):
        if text.endswith(rest[:size]) and _is_meant(text, rest, size):
            left = text[: len(text) - size]
            if around.state_after(left).stack == around.at_cursor.stack:
                return left
    return text


def _is_meant(text: str, rest: str, size: int) -> bool:
    overlap, before = rest[:size], text[: len(text) - size][-1:]
    if not overlap.strip():
        return False
    if _is_word(overlap[0]) and _is_word(before):
        return False
    visible = sum(not char.isspace() for char in overlap)
    return size == len(rest) or visible >= ENOUGH or CLOSING.issuperset(overlap)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def cut_lines_below(text: str, around: Around) -> str:
    """Cut from the first line that begins a repetition of the lines below the cursor.

    One line that says something is enough; lines like ``else:`` and ``}`` must repeat to the end of the text.
    """
    below = around.below
    if not below or around.rest.strip():
        return text
    lines = text.split("\n")
    full = [around.line + lines[0], *lines[1:]]
    for number, line in enumerate(full):
        left = [entry.rstrip() for entry in full[number:] if entry.strip()]
        if not line.strip() or not _same(line, below[0]):
            continue
        if _says_something(below[0]) or _all_same(left, below):
            return "\n".join(lines[:number]).rstrip() if number else ""
    return text


def _all_same(lines: list[str], below: tuple[str, ...]) -> bool:
    return len(lines) <= len(below) and all(map(_same, lines, below))


def _same(line: str, other: str) -> bool:
    """Whether two lines differ in blanks at most; their indentation must be the same."""
    return width_of(line) == width_of(other) and line.split() == other.split()


def _says_something(line: str) -> bool:
    visible = [char for char in line if not char.isspace()]
    return len(visible) >= ENOUGH and sum(char.isalnum() for char in visible) >= 3
