"""A text in windows of some lines, each with the identifiers in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LEAST_LINES, MOST_LINES = 6, 24
LONGEST_LINE = 400
"""Characters; a window with a longer line is data or generated code, and left out."""

_WORD = re.compile(r"[A-Za-z_$][\w$]{2,}")
_DEFINITION = re.compile(
    r"\b(?:def|class|fn|func|function\*?|struct|enum|trait|interface|type|record|const|let|var|#define)\s+"
    r"(?:\([^()\n]*\)\s*)?([A-Za-z_$][\w$]*)"
)
_COMMON_WORDS = """
abstract and any async await bool boolean break case catch char class const continue def default del
double elif else enum except export extends False false final finally float fn for from func function
global impl implements import include int interface lambda len let list long map match mod mut namespace
new nil None not null object package pass print private protected pub public raise range readonly return
self Self short sizeof static str String string struct super switch template this throw throws trait
True true try type typedef typename typeof undefined union unsigned use using var virtual void volatile
where while with yield
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Window:
    """Lines of the file at ``path``, the first of them number ``line`` (from 0)."""

    path: Path
    line: int
    text: str

    @cached_property
    def words(self) -> frozenset[str]:
        """The identifiers in it."""
        return words_of(self.text)

    @cached_property
    def defines(self) -> frozenset[str]:
        """The names it defines."""
        return frozenset(_DEFINITION.findall(self.text))

    @cached_property
    def lines(self) -> frozenset[str]:
        """The lines that say something, without indentation."""
        return lines_of(self.text)

    @property
    def end(self) -> int:
        """The number of the line after the last."""
        return self.line + self.text.count("\n") + 1

    def overlaps(self, other: "Window") -> bool:
        """Tell whether two windows share lines of a file."""
        return self.path == other.path and self.line < other.end and other.line < self.end


def words_of(text: str) -> frozenset[str]:
    """Return the identifiers of three or more characters that are no common words."""
    return frozenset(_WORD.findall(text)) - _COMMON


def lines_of(text: str) -> frozenset[str]:
    """Return the different lines of more than a few characters, without indentation."""
    return frozenset(line for line in map(str.strip, text.split("\n")) if len(line) > 3)


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard index of two sets: what they share of all they have."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def windows_of(path: Path, text: str) -> tuple[Window, ...]:
    """Cut a text, line ends as ``\\n``, in windows, which begin where definitions seem to."""
    found = []
    for line, lines in _cut(text.split("\n")):
        if max(map(len, lines)) <= LONGEST_LINE:
            window = Window(path, line, "\n".join(lines).rstrip())
            if window.words:
                found.append(window)
    return tuple(found)


def _cut(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    start = 0
    for number, line in enumerate(lines):
        size = number - start
        begins = line[:1].strip() and line[0] not in ")]}#" and not lines[number - 1].strip()
        if size >= MOST_LINES or (size >= LEAST_LINES and begins):
            yield start, lines[start:number]
            start = number
    if start < len(lines):
        yield start, lines[start:]
