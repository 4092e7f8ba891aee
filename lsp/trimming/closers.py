"""Closers that close nothing: the editor, or the user, has put them there already."""

from ..scanner import State, scan, steps
from .around import READ_AHEAD, Around


def cut_unmatched_closers(text: str, around: Around) -> str:
    """Cut before the first closer of what is open at the cursor if the suffix then lacks something to close.

    The text may close what is open at the cursor only if the suffix does not. Where the fault lies elsewhere,
    the longest beginning of the text is kept with which no more closers go unmatched than without it.
    Brackets in strings and comments do not count.
    """
    suffix = around.suffix[:READ_AHEAD]
    allowed = _unmatched("", suffix, around)
    if _unmatched(text, suffix, around) <= allowed:
        return text
    for cut in _places_to_cut(text, around):
        if _unmatched(text[:cut], suffix, around) <= allowed:
            return text[:cut]
    return ""


def _unmatched(text: str, suffix: str, around: Around) -> int:
    return scan(around.line + text + suffix, around.syntax, State(around.at_line.stack)).unmatched


def _places_to_cut(text: str, around: Around) -> list[int]:
    """Where to cut: before the first closer of something that is not the text's own, then from the end on."""
    own = len(around.line)
    state, begins, first = around.at_line, [], None
    for begin, _, after in steps(around.line + text, around.syntax, around.at_line):
        if begin >= own:
            begins.append(begin - own)
            closes = len(after.stack) < len(around.at_cursor.stack) or after.unmatched > state.unmatched
            first = begin - own if first is None and closes else first
        state = after
    return [*([] if first is None else [first]), *reversed(begins)]
