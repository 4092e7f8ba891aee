"""A completion ends with the block it was asked for in."""

import re

from ..languages import width_of
from ..scanner import State, scan
from .around import Around

_LABEL = re.compile(r"\s*(?:#|case\b|default\b|public\b|private\b|protected\b|[A-Za-z_]\w*:)")
_CLOSERS_ONLY = re.compile(r"[)\]};,\s]+")


def leave_no_scope(text: str, around: Around) -> str:
    """Cut where the text leaves the block around the cursor; the line that closes it may stay.

    Blocks by indentation end at a line indented no deeper than the line that opened them, others also after
    the brace that closes the innermost one open at the cursor. Lines that begin inside of strings have no
    say, nor, where blocks are by indentation, lines inside of brackets.
    """
    lines = text.split("\n")
    state = scan(around.line + lines[0] + "\n", around.syntax, around.at_line)
    depth = _depth(around.at_cursor, around)
    for number, line in enumerate(lines[1:], 1):
        if _depth(state, around) < depth and not state.quote:
            return "\n".join(lines[:number])
        inside = state.brackets if around.syntax.indented else _depth(state, around) > depth
        if not inside and not state.quote and line.strip() and _is_outside(line, around):
            return "\n".join(lines[: number + _closes(line, around)])
        state = scan(line + "\n", around.syntax, state)
    return text


def _depth(state: State, around: Around) -> int:
    """How many blocks in braces are open."""
    return 0 if around.syntax.indented else state.stack.count("{")


def _is_outside(line: str, around: Around) -> bool:
    floor = _floor(around)
    if floor is None or width_of(line) >= floor:
        return False
    if around.syntax.indented:
        return True
    return width_of(line) < around.base and not (_LABEL.match(line) or _CLOSERS_ONLY.fullmatch(line))


def _floor(around: Around) -> int | None:
    """The least indentation of a line of the block."""
    if around.syntax.indented and around.line.rstrip().endswith(":"):
        return around.base + 1
    if around.indent is None:
        return None
    return around.indent + 1


def _closes(line: str, around: Around) -> bool:
    """Whether a line is the word that closes the block, and the suffix does not have it."""
    below = around.below[0].strip() if around.below else ""
    return line.strip() in around.syntax.words and below != line.strip()
