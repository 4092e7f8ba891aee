"""Where in a line a person stops to be completed: pure functions over text."""

import random
import re
from collections.abc import Sequence
from typing import Literal, get_args

Kind = Literal["rest of line", "after a dot", "empty line"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LEAST_LINE = 8
"""Characters of a line worth completing, its indentation left out."""
LEAST_REST = 3
"""Characters that are left to write in a partly typed line."""
MOST_BLOCK = 8
"""Most lines that are taken out after an empty line."""
_DOT = re.compile(r"[\w\)\]]\.(?=[^\W\d])")
_COMMENT = re.compile(r"\s*(#|//|/\*|\*|--|\"\"\"|''')")


def indent_of(line: str) -> int:
    """Blanks at the start of a line."""
    return len(line) - len(line.lstrip())


def column(kind: Kind, line: str, draw: random.Random) -> int | None:
    """The column of the cursor in ``line``, from 0; None where the line is no place of that kind.

    What stands after it is what the person has not typed yet.
    """
    text = line.rstrip()
    indent = indent_of(text)
    if len(text) - indent < LEAST_LINE:
        return None
    if kind == "empty line":
        return indent
    if kind == "rest of line":
        return draw.randrange(indent + 1, len(text) - LEAST_REST + 1)
    ends = [] if _COMMENT.match(text) else [found.end() for found in _DOT.finditer(text)]
    return draw.choice(ends) if ends else None


def resume(kind: Kind, lines: Sequence[str], line: int, end: int | None = None) -> int:
    """The line where the text goes on after a cursor in ``line``: what lies between is not written yet.

    ``end`` is where what was written together with ``line`` ends, exclusive, where that is known: nothing of
    it stands below the cursor, as it was written from top to bottom. Elsewhere it is the next line, and after
    an empty line that of the end of the block.
    """
    if end is not None:
        return max(end, line + 1)
    return _block_end(lines, line) if kind == "empty line" else line + 1


def _block_end(lines: Sequence[str], line: int) -> int:
    """The first line after ``line`` that is empty or indented less, ``MOST_BLOCK`` lines on at most."""
    indent = indent_of(lines[line])
    for place in range(line + 1, min(line + MOST_BLOCK, len(lines))):
        if not lines[place].strip() or indent_of(lines[place]) < indent:
            return place
    return min(line + MOST_BLOCK, len(lines))
