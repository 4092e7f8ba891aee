"""Indentation in the buffer's style: tabs or spaces, and its width."""

from ..languages import Language, width_of
from ..scanner import scan
from .around import Around
from .style import Style, style_of

__all__ = ["Style", "convert_indentation", "style_of"]


def convert_indentation(text: str, around: Around) -> str:
    """Write leading blanks as the buffer does; lines inside of strings stay as they are.

    Where the text indents blocks by another step than the buffer, its lines are moved to the buffer's.
    Nothing is changed for a buffer that mixes tabs and spaces.
    """
    if "\n" not in text and not text.startswith((" ", "\t")):
        return text
    style = around.buffer_style
    if style.mixed:
        return text
    lines = text.split("\n")
    free = _free_lines(lines, around)
    if not around.line.strip():
        free = {0, *free}
    out = [_converted(line, style) if number in free else line for number, line in enumerate(lines)]
    if not style.tabs:
        out = _rescaled(out, free, around, style.width)
    return "\n".join(out)


def _free_lines(lines: list[str], around: Around) -> set[int]:
    """Numbers of the lines, but for the first, that do not begin inside of a string or comment."""
    state, free = scan(around.line + lines[0] + "\n", around.syntax, around.at_line), set()
    for number, line in enumerate(lines[1:], 1):
        if not state.quote:
            free.add(number)
        state = scan(line + "\n", around.syntax, state)
    return free


def _converted(line: str, style: Style) -> str:
    body = line.lstrip(" \t")
    blank = line[: len(line) - len(body)]
    if not style.tabs:
        return blank.expandtabs(style.width) + body
    levels, left = divmod(width_of(blank, style.width), style.width)
    return "\t" * levels + " " * left + body


def _rescaled(lines: list[str], free: set[int], around: Around, width: int) -> list[str]:
    """Move lines whose indentation grows by another step than ``width`` after what opens a block."""
    base = around.base + (0 if around.line.strip() else width_of(lines[0]))
    depths = {number: width_of(lines[number]) - base for number in free - {0} if lines[number].strip()}
    step = _step([around.line + lines[0], *lines[1:]], depths, around.syntax)
    if step in (0, width) or any(depth < 0 or depth % step for depth in depths.values()):
        return lines
    out = list(lines)
    for number, depth in depths.items():
        out[number] = " " * (base + depth // step * width) + lines[number].lstrip(" \t")
    return out


def _step(lines: list[str], depths: dict[int, int], language: Language) -> int:
    """The indentation that the first block of the text adds; 0 if it opens none."""
    depth, opened = 0, False
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if opened and number in depths:
            return max(0, depths[number] - depth)
        depth = depths.get(number, depth)
        opened = language.opens_block(line)
    return 0
