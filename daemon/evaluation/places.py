"""Places in the user's own code to complete at, cut as a person would type them.

Where the folder is a git repository, lines that recent commits added come first, in the file as it was then;
nothing that was added below in the same piece is there yet.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...models.tokenizer import Tokenizer
from ..bench.prompts import Cut, NoPromptsError, Source, source, text_around
from . import commits
from .cutting import KINDS, Kind, column, resume
from .files import Folder, read

FEWEST = 6
"""Places without which intervals mean nothing."""
FIRST, TRIES = 3, 40
"""Lines looked at in a file before the next one is read, and in each of all files once they were read."""
NEWEST = 12
"""Pieces of history for each place wanted, newest first; older ones are not looked at."""


@dataclass(frozen=True, slots=True)
class Place:
    """A request to be made: text before and after the cursor, and where it comes from."""

    name: str
    kind: Kind
    path: str
    prefix: str
    suffix: str
    recent: bool


def find_places(
    folder: Path,
    tokenizer: Tokenizer,
    *,
    count: int,
    most: int,
    seed: int,
    tell: Callable[[str, float], None],
) -> list[Place]:
    """At most ``count`` places below ``folder``, each with at most ``most`` tokens of text around it.

    Raises NoPromptsError, saying why, where there are fewer than ``FEWEST``.
    """
    if not folder.is_dir():
        raise NoPromptsError(f"{folder} is no folder: give --on a folder with code to complete")
    draw = random.Random(seed)
    found: dict[tuple[str, int], Place] = {}
    for lines, recent in (
        (_history(folder, tokenizer, count, draw), True),
        (_present(folder, tokenizer, draw), False),
    ):
        tell("places in history" if recent else "places in files", len(found) / count)
        _take(lines, found, count, most=most, draw=draw, recent=recent)
    if len(found) < FEWEST:
        raise NoPromptsError(
            f"{folder} has {len(found)} places to complete at and {FEWEST} are needed: give --on a folder "
            "with more code that no ignore rule excludes"
        )
    places = list(found.values())
    draw.shuffle(places)
    return places


Line = tuple[Source, int, int | None]
"""A line of a file where a cursor may be, and the end of what was written together with it, where known."""


def _take(
    lines: Iterator[Line],
    found: dict[tuple[str, int], Place],
    count: int,
    *,
    most: int,
    draw: random.Random,
    recent: bool,
) -> None:
    """Add places to ``found`` until there are ``count``, the kinds in turn, no line twice."""
    for origin, line, end in lines:
        if len(found) == count:
            return
        kind = KINDS[len(found) % len(KINDS)]
        place = cut(origin, kind, line, end, most=most, draw=draw, recent=recent)
        if place is not None:
            found.setdefault((origin.name, line), place)


def cut(
    origin: Source, kind: Kind, line: int, end: int | None, *, most: int, draw: random.Random, recent: bool
) -> Place | None:
    """The place of that kind in a line of ``origin``; None where the line is no such place."""
    at = column(kind, origin.lines[line], draw) if line else None
    if at is None:
        return None
    following = min(resume(kind, origin.lines, line, end), len(origin.lines))
    prefix, suffix = text_around(Cut(origin, "line", line, at, following), most)
    return Place(f"{origin.name}:{line + 1}:{at + 1}", kind, origin.name, prefix, suffix, recent)


def _present(folder: Path, tokenizer: Tokenizer, draw: random.Random) -> Iterator[Line]:
    """Lines of files as they are now, in no order; a file is read when the first line of it is needed."""
    place = Folder(folder)
    paths = place.files()
    draw.shuffle(paths)
    known: list[Source] = []
    for path in paths:
        text = read(path)
        if not text:
            continue
        known.append(source(path.relative_to(place.path).as_posix(), _unix(text), tokenizer))
        yield from _lines(known[-1:], FIRST, draw)
    yield from _lines(known, TRIES * len(known), draw)


def _lines(sources: Sequence[Source], count: int, draw: random.Random) -> Iterator[Line]:
    for _ in range(count):
        origin = draw.choice(sources)
        yield origin, draw.randrange(len(origin.lines)), None


def _history(folder: Path, tokenizer: Tokenizer, count: int, draw: random.Random) -> Iterator[Line]:
    """Lines that recent commits added to files that may be read, in files as they were."""
    place = Folder(folder)
    pieces = [added for added in commits.recent(place.path) if place.allows(place.path / added.path)]
    newest = pieces[: NEWEST * count]
    draw.shuffle(newest)
    for added in newest:
        text = commits.content(place.path, added)
        if text is None or len(text.splitlines()) < added.end:
            continue
        origin = source(added.path, _unix(text), tokenizer)
        if added.end <= len(origin.lines):
            yield origin, draw.randrange(added.first, added.end), added.end


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")
