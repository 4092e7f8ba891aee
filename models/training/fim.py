"""Documents and fill-in-the-middle examples as text pieces.

The format is that of Qwen2.5-Coder with a file header: `<|file_sep|>path` and a line end, then either the
body, or prefix, suffix and middle in one of two orders (Bavarian et al. 2207.14255). Splits are made on
characters, so a prefix may end inside a word, as a cursor does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from .tokenizer import END, FILE, MIDDLE, PREFIX, SUFFIX

PSM, SPM = "psm", "spm"
CHARS_PER_TOKEN = 3.2
LONGEST_MIDDLE = 400
LOCAL_TOKENS = (60, 250)


@dataclass(frozen=True)
class Example:
    """One split of a window of a file: prefix + middle + suffix is the window."""

    path: str
    prefix: str
    suffix: str
    middle: str

    def pieces(self, order: str) -> list[tuple[str | None, str]]:
        """(special token or None, text) pairs that make up the prompt in `order`; the middle comes after."""
        head: list[tuple[str | None, str]] = [(FILE, self.path + "\n")]
        before, after = (PREFIX, self.prefix), (SUFFIX, self.suffix)
        return [*head, *([before, after] if order == PSM else [after, before]), (MIDDLE, "")]


def strip_notice(text: str) -> str:
    """`text` without a leading comment block that is a copyright or licence notice."""
    lines = text.split("\n")
    end = 0
    while end < len(lines) and (lines[end].startswith("#") or not lines[end].strip()):
        end += 1
    head = "\n".join(lines[:end]).lower()
    return "\n".join(lines[end:]) if "licen" in head or "copyright" in head else text


def span(text: str, draw: random.Random) -> tuple[int, int]:
    """Start and end of a middle in `text`: to the end of the line (40 %), over lines (40 %), any (20 %)."""
    kind = draw.random()
    if kind >= 0.8:
        start = draw.randrange(len(text))
        return start, min(len(text), start + draw.randint(1, LONGEST_MIDDLE // 2))
    first = text.rfind("\n", 0, draw.randrange(len(text))) + 1
    end = line_end(text, first)
    indent = len(text[first:end]) - len(text[first:end].lstrip())
    start = column(text, first + indent, end, draw)
    if kind >= 0.4:
        for _ in range(draw.randint(0, 7)):
            end = line_end(text, min(end + 1, len(text)))
    return start, min(end, start + LONGEST_MIDDLE) if end - start <= LONGEST_MIDDLE else line_end(text, start)


def line_end(text: str, place: int) -> int:
    """Place of the next line end at or after `place`, or the length of the text."""
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def column(text: str, first: int, end: int, draw: random.Random) -> int:
    """A cursor place in a line: its first character, after an opening sign, or anywhere."""
    kind = draw.random()
    if kind < 0.3 or end <= first:
        return first
    signs = [i + 1 for i in range(first, end) if text[i] in "(.=[, :"]
    if kind < 0.6 and signs:
        return draw.choice(signs)
    return draw.randint(first, end)


def split(path: str, text: str, tokens: int, draw: random.Random) -> Example | None:
    """A random example from `text` of at most about `tokens` tokens; None where nothing fits."""
    if not text.strip():
        return None
    start, end = span(text, draw)
    if end <= start or not text[start:end].strip():
        return None
    room = int(tokens * CHARS_PER_TOKEN) - (end - start) - len(path)
    if room < 40:
        return None
    after = 0 if draw.random() < 0.12 else draw.randint(0, min(800, room // 2))
    before = draw.randint(room // 4, room) - after
    return Example(path, window_before(text, start, before), window_after(text, end, after), text[start:end])


def local_span(text: str, draw: random.Random) -> tuple[int, int]:
    """Start and end of a short middle: to the end of a line (55 %), a whole line (20 %), 2-6 lines (25 %)."""
    kind = draw.random()
    first = text.rfind("\n", 0, draw.randrange(len(text))) + 1
    end = line_end(text, first)
    indent = len(text[first:end]) - len(text[first:end].lstrip())
    if kind < 0.2:
        return first + indent, end
    start = column(text, first + indent, end, draw)
    if kind >= 0.75:
        for _ in range(draw.randint(1, 5)):
            end = line_end(text, min(end + 1, len(text)))
    return start, end if end - start <= LONGEST_MIDDLE else line_end(text, start)


def local_split(path: str, text: str, draw: random.Random) -> Example | None:
    """A random example with a short window around a short middle, as most of what a person types has.

    Windows hold about 60 to 250 tokens, short ones more often. The suffix is empty in a fifth of them, and
    where it has no room for a whole line. None where nothing fits.
    """
    if not text.strip():
        return None
    start, end = local_span(text, draw)
    if end - start > LONGEST_MIDDLE or not text[start:end].strip():
        return None
    low, high = LOCAL_TOKENS
    tokens = low * (high / low) ** draw.random()
    room = max(0, int(tokens * CHARS_PER_TOKEN) - (end - start) - len(path))
    after = 0 if draw.random() < 0.2 else draw.randint(0, room // 2)
    before = window_before(text, start, room - after)
    return Example(path, before, window_after(text, end, after), text[start:end])


def window_before(text: str, place: int, limit: int) -> str:
    """At most `limit` characters before `place`, beginning at a line start where one is in reach."""
    begin = max(0, place - max(limit, 0))
    if begin > 0:
        found = text.find("\n", begin - 1, place)
        begin = found + 1 if found >= 0 else begin
    return text[begin:place]


def window_after(text: str, place: int, limit: int) -> str:
    """At most `limit` characters after `place`, ending before a line end where one is in reach."""
    end = min(len(text), place + max(limit, 0))
    if end < len(text):
        found = text.rfind("\n", place, end)
        end = found if found >= 0 else place
    return text[place:end]


__all__ = [
    "END",
    "PSM",
    "SPM",
    "Example",
    "local_split",
    "split",
    "strip_notice",
    "window_after",
    "window_before",
]
