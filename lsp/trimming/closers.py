"""Closers that close nothing: the editor, or the user, has put them there already."""

from ..scanner import State, scan, steps
from .around import READ_AHEAD, Around


def cut_unmatched_closers(text: str, around: Around) -> str:
    """Return the longest beginning of the text with which no more closers go unmatched than without.

    The text may close what is open at the cursor only if the suffix does not. Brackets in strings and
    comments do not count.
    """
    suffix = around.suffix[:READ_AHEAD]
    allowed = _unmatched("", suffix, around)
    if _unmatched(text, suffix, around) <= allowed:
        return text
    for cut in reversed(_places_to_cut(text, around)):
        if _unmatched(text[:cut], suffix, around) <= allowed:
            return text[:cut]
    return ""


def _unmatched(text: str, suffix: str, around: Around) -> int:
    return scan(around.line + text + suffix, around.syntax, State(around.at_line.stack)).unmatched


def _places_to_cut(text: str, around: Around) -> list[int]:
    """Where the signs begin that open or close something."""
    begins = (begin for begin, _, _ in steps(around.line + text, around.syntax, around.at_line))
    return [begin - len(around.line) for begin in begins if begin >= len(around.line)]
