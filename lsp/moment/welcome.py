"""Whether a suggestion that nobody asked for is welcome here and now."""

import re

from .activity import Activity

_CLOSING = re.compile(r"""[\s)\]}>"'`;,:]*(?:(?:\{|=>|</[\w.:-]*>)[\s)\]};]*)?""")
_LONGEST = 40  # characters of closers
_ENDED = (";", "}")
_UNFINISHED = re.compile(r"(?:^|[(\[{:=,.+\-*/%&|<>!?@])\s*$")


def is_welcome(line: str, rest: str, offset: int, last: Activity, *, invoked: bool = False) -> bool:
    """Tell whether to suggest at the cursor.

    ``line`` is the cursor's line up to the cursor, ``rest`` what follows on it without the line end,
    ``offset`` the cursor's, ``last`` what was last done to the document. What is asked for by hand always is
    welcome. Unasked nothing comes in the middle of a word, before more than closers, right after a finished
    statement, on deleting, undoing, redoing or editing at several places; and where the cursor was only
    moved, nothing but where the line is empty or evidently goes on.
    """
    if invoked:
        return True
    if len(rest.strip()) > _LONGEST or not _CLOSING.fullmatch(rest):
        return False
    if line.endswith(_ENDED) and not rest.strip():
        return False
    if last.is_at(offset):
        return last.kind in ("none", "typed")
    return not rest.strip() and _UNFINISHED.search(line) is not None
