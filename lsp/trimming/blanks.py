"""Blanks nobody wants: at the ends of lines, at the end of the text, and a text of nothing else."""

from ..scanner import scan
from .around import Around


def strip_line_ends(text: str, around: Around) -> str:
    """Take blanks off the ends of lines, but inside of strings; none of them is the last line."""
    if "\n" not in text:
        return text
    *lines, last = text.split("\n")
    state, out, lead = around.at_line, [], around.line
    for line in lines:
        state = scan(lead + line, around.syntax, state)
        out.append(line if state.quote in around.syntax.long_quotes else line.rstrip(" \t"))
        state, lead = scan("\n", around.syntax, state), ""
    return "\n".join([*out, last])


def strip_end(text: str, around: Around) -> str:
    """Take blanks off the end, unless code follows on the line."""
    follows = around.rest[:1]
    return text if follows and (follows.isalnum() or follows in "_=+-*/<") else text.rstrip()


def drop_blank(text: str, around: Around) -> str:  # noqa: ARG001
    """Drop a text without any visible character."""
    return text if text.strip() else ""
