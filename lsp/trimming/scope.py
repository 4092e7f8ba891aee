"""A completion ends with the block it was asked for in."""

import re

from ..languages import width_of
from ..scanner import scan
from .around import Around

_LABEL = re.compile(r"\s*(?:#|case\b|default\b|public\b|private\b|protected\b|[A-Za-z_]\w*:)")
_CLOSERS_ONLY = re.compile(r"[)\]};,\s]+")


def leave_no_scope(text: str, around: Around) -> str:
    """Cut where the text leaves the block around the cursor; the line that closes it may stay.

    Blocks by indentation end at a line indented no deeper than the line that opened them, others at the
    closer of what was open at the cursor. Lines inside of strings and brackets have no say.
    """
    lines = text.split("\n")
    state = scan(around.line + lines[0] + "\n", around.syntax, around.at_line)
    depth = len(around.at_cursor.brackets)
    for number, line in enumerate(lines[1:], 1):
        if len(state.brackets) < depth and not state.quote:
            return "\n".join(lines[:number])
        bare = not state.quote and len(state.brackets) <= depth
        if bare and line.strip() and _is_outside(line, around):
            return "\n".join(lines[: number + _closes(line, around)])
        state = scan(line + "\n", around.syntax, state)
    return text


def _is_outside(line: str, around: Around) -> bool:
    if around.at_cursor.brackets and around.syntax.indented:
        return False
    floor = _floor(around)
    if floor is None or width_of(line) >= floor:
        return False
    return around.syntax.indented or not (_LABEL.match(line) or _CLOSERS_ONLY.fullmatch(line))


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
