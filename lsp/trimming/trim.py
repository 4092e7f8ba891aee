"""All trimming rules, in their order."""

from collections.abc import Callable

from .around import Around
from .blanks import drop_blank, strip_end, strip_line_ends
from .closers import cut_unmatched_closers
from .indentation import convert_indentation
from .repetition import cut_copy_of_above, cut_repeated_lines, cut_stutter
from .scope import leave_no_scope
from .suffix import cut_lines_below, cut_rest_of_line

Rule = Callable[[str, Around], str]

RULES: tuple[Rule, ...] = (
    leave_no_scope,
    cut_copy_of_above,
    cut_repeated_lines,
    cut_stutter,
    cut_lines_below,
    cut_rest_of_line,
    cut_unmatched_closers,
    strip_line_ends,
    strip_end,
    drop_blank,
)


def trim(text: str, around: Around, is_dismissed: Callable[[str], bool] | None = None) -> str:
    """Return what of ``text`` is worth showing at the cursor, "" for nothing.

    The indentation is put in the buffer's style; apart from that the result is a beginning of ``text``
    without blanks at line ends. The rules are applied until none finds anything, so that trimming twice
    changes nothing. ``is_dismissed`` tells of a result that it was dismissed here before (see ``Dismissed``).
    """
    text = convert_indentation(text, around)
    before = None
    while text and text != before:
        before = text
        for rule in RULES:
            text = rule(text, around)
    return "" if is_dismissed is not None and is_dismissed(text) else text
