"""How a buffer is indented."""

import re
from collections import Counter
from dataclasses import dataclass

_LINE = re.compile(r"^([ \t]*)[^\s*]", re.MULTILINE)  # not the lines of a comment that begin in "*"
_STEPS = (2, 3, 4, 8)


@dataclass(frozen=True, slots=True)
class Style:
    """Indentation by tabs, or by spaces ``width`` for a level; a tab is ``width`` columns wide."""

    tabs: bool = False
    width: int = 4


def style_of(text: str, default: Style | None = None) -> Style:
    """Return the style most lines of ``text`` follow; ``default`` where none is indented.

    The width is the most frequent step from a line to a deeper one.
    """
    default = default or Style()
    spaces, tabs, last = 0, 0, 0
    steps: Counter[int] = Counter()
    for blank in _LINE.findall(text):
        tabs += blank.startswith("\t")
        spaces += blank.startswith("  ")
        if len(blank) - last in _STEPS:
            steps[len(blank) - last] += 1
        last = len(blank)
    if not spaces and not tabs:
        return default
    if tabs > spaces:
        return Style(tabs=True, width=default.width)
    return Style(tabs=False, width=steps.most_common(1)[0][0] if steps else default.width)
