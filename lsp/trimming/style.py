"""How a buffer is indented."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

_LINE = re.compile(r"^([ \t]*)([^\s*].*)$", re.MULTILINE)  # not the lines of a comment that begin in "*"
_STEPS = (2, 3, 4, 8)
MIXED = 10
"""A buffer is mixed where the rarer kind of indentation has more than one line in so many."""


@dataclass(frozen=True, slots=True)
class Style:
    """Indentation by tabs, or by spaces ``width`` for a level; a tab is ``width`` columns wide.

    ``mixed``: some lines are indented by tabs, others by spaces.
    """

    tabs: bool = False
    width: int = 4
    mixed: bool = False


@lru_cache(maxsize=32)
def style_of(text: str, default: Style | None = None) -> Style:
    """Return the style most lines of ``text`` follow; ``default`` where none is indented.

    The width is the most frequent step to a deeper line, from one that opens a block if there are such.
    """
    default = default or Style()
    spaces, tabs, last, opens = 0, 0, 0, False
    steps: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    for blank, code in _LINE.findall(text):
        tabs += blank.startswith("\t")
        spaces += blank.startswith("  ")
        if len(blank) - last in _STEPS:
            steps[opens][len(blank) - last] += 1
        last, opens = len(blank), code.rstrip().endswith((":", "{"))
    if not spaces and not tabs:
        return default
    mixed = min(tabs, spaces) * MIXED > tabs + spaces
    if tabs > spaces:
        return Style(True, default.width, mixed)
    usual = (steps[True] or steps[False]).most_common(1)
    return Style(False, usual[0][0] if usual else default.width, mixed)
