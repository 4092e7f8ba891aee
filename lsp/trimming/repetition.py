"""Repetition: the same lines again, or a line that does not get on."""

import re

from .around import Around

ENOUGH = 8
"""Characters of a copy; shorter lines, as in a table, do follow themselves."""
LONGEST_BLOCK = 4
"""Lines of a repeated block at most."""
_STUTTER = re.compile(r"(\S(?:[^\n]{0,22}?\S)??[ \t]*?)\1{3,}")
STUTTER, STUTTER_SIGNS = 48, 96
"""Characters that must repeat within a line: with letters or digits, and of other signs only."""


def cut_copy_of_above(text: str, around: Around) -> str:
    """Drop a text that begins by repeating the lines right above the cursor."""
    lines = text.split("\n")
    full = [line.rstrip() for line in (around.line + lines[0], *lines[1:]) if line.strip()]
    for count in range(1, min(len(full), len(around.above)) + 1):
        long = sum(len(line.strip()) for line in full[:count]) >= ENOUGH
        if long and full[:count] == list(reversed(around.above[:count])) and _says_something(full[:count]):
            return ""
    return text


def cut_repeated_lines(text: str, around: Around) -> str:
    """Keep the first of a block of lines that stands there twice in a row, three times if it is one line."""
    lines = text.split("\n")
    full = [around.line + lines[0], *lines[1:]]
    at = [number for number, line in enumerate(full) if line.strip()]
    solid = [full[number].rstrip() for number in at]
    for start in range(len(solid)):
        for size in range(1, LONGEST_BLOCK + 1):
            if _repeats(solid[start:], size):
                return "\n".join(lines[: at[start + size - 1] + 1])
    return text


def _repeats(lines: list[str], size: int) -> bool:
    block = lines[:size]
    times = 3 if size == 1 else 2
    return lines[: size * times] == block * times and _says_something(block)


def cut_stutter(text: str, around: Around) -> str:  # noqa: ARG001
    """Cut within a line after the first of many repetitions of the same few characters."""
    for found in _STUTTER.finditer(text):
        needed = STUTTER if any(char.isalnum() for char in found[1]) else STUTTER_SIGNS
        if len(found[0]) >= needed:
            return text[: found.end(1)]
    return text


def _says_something(lines: list[str]) -> bool:
    return sum(char.isalnum() for line in lines for char in line) >= 2
