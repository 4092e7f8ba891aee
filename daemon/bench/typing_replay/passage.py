"""Which lines of a file are written again."""

import random
from dataclasses import dataclass
from pathlib import Path

LIMIT = 1 << 20  # characters


class PassageError(Exception):
    """A file that cannot be replayed; the message says why."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is written: some lines of a file, between what stands in the file already."""

    path: Path
    before: str
    text: str
    after: str


def passage_of(path: Path, lines: int, seed: int) -> Passage:
    """Return so many lines from somewhere in a file, ending with a line that is not blank.

    They begin with such a line too, and what stands around them stays; a file of no more lines is written
    from its beginning to its end. Raises PassageError.
    """
    whole = _read(path)
    rows = whole.split("\n")
    starts = [
        number
        for number in range(len(rows) - lines + 1)
        if rows[number].strip() and rows[number + lines - 1].strip()
    ]
    start = random.Random(seed).choice(starts) if starts else 0
    before = "".join(row + "\n" for row in rows[:start])
    text = "\n".join(rows[start : start + lines]) if starts else whole.rstrip("\n")
    if not text.strip():
        raise PassageError(f"{path} has nothing to type")
    return Passage(path, before, text, whole[len(before) + len(text) :])


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PassageError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise PassageError(f"{path} is no text in UTF-8") from error
    if len(text) > LIMIT:
        raise PassageError(f"{path} is too large to be replayed (over {LIMIT} characters)")
    return text
