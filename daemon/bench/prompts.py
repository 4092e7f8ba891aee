"""Prompts for the bench: places in real code, drawn with a seed, laid out as the engine does it."""

import itertools
import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ...models.fim import FimFormat
from ...models.tokenizer import Tokenizer
from ..engine.prompt import build_prompt
from ..engine.records import Completion
from ..engine.stops.place import Place
from ..engine.window import Pieces
from ..errors import PacelineError
from .records import Case

Kind = Literal["rest of line", "line", "block"]
KINDS: tuple[Kind, ...] = ("rest of line", "line", "block")
PREFIX_PART = 0.75  # of a prompt's tokens; the rest is for the suffix
LEAST_LINE = 8  # characters of a line that is to be written
MOST_BLOCK = 8  # lines taken out of a block
PACKAGE = Path(__file__).resolve().parents[2]
OWN_FOLDERS = ("daemon", "lsp", "models")
SUFFIXES = {
    *(".py", ".pyi", ".c", ".h", ".cc", ".cpp", ".hpp", ".rs", ".go", ".js", ".ts", ".tsx", ".java", ".kt"),
    *(".rb", ".lua", ".php", ".swift"),
}
MOST_BYTES = 1 << 20  # a larger file is data, not code


class NoPromptsError(PacelineError):
    """The files give no place to complete at."""

    code = "invalid_field"


@dataclass(frozen=True, slots=True)
class Source:
    """A file: its name in prompts, its lines with their ends, and the tokens before each line."""

    name: str
    lines: tuple[str, ...]
    before: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A place in a file: the cursor is at ``column`` of ``line``; text follows again at line ``resume``."""

    source: Source
    kind: Kind
    line: int
    column: int
    resume: int


def own_source() -> list[Path]:
    """The package's own modules: real code that no model was trained on before it was written."""
    return sorted(path for folder in OWN_FOLDERS for path in (PACKAGE / folder).rglob("*.py"))


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those with code below the folders named; NoPromptsError for a missing one."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                inner for inner in path.rglob("*") if inner.suffix in SUFFIXES and inner.is_file()
            )
        elif path.is_file():
            found.append(path)
        else:
            raise NoPromptsError(f"{path} is no file: give files or folders with code to complete")
    return found


def read_sources(paths: Sequence[Path], tokenizer: Tokenizer) -> list[Source]:
    """Read code files, leaving out what is not UTF-8 or too large to be code."""
    sources = []
    for path in paths:
        data = path.read_bytes()[: MOST_BYTES + 1]
        try:
            text = data.decode().replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
        if len(data) <= MOST_BYTES:
            sources.append(source(_name(path), text, tokenizer))
    return sources


def source(name: str, text: str, tokenizer: Tokenizer) -> Source:
    """A file of that name and text."""
    lines = tuple(re.findall(r"[^\n]*\n|[^\n]+", text))
    counts = (len(tokenizer.encode(line)) for line in lines)
    return Source(name, lines, tuple(itertools.accumulate(counts, initial=0)))


def _name(path: Path) -> str:
    path = path.resolve()
    return path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name


def cut(sources: Sequence[Source], count: int, most: int, seed: int) -> list[Cut]:
    """``count`` different places, the kinds in turn, where ``most`` tokens of prompt can be had if anywhere.

    NoPromptsError when there are not so many places.
    """
    wanted = most * PREFIX_PART
    rich = [source for source in sources if source.before[-1] > wanted]
    draw = random.Random(seed)
    found: dict[tuple[str, int], Cut] = {}
    filled = [source for source in sources if source.lines]
    for pool, least in ((rich, wanted), (filled, 0.0)):
        _draw(pool, least, count, draw, found)
    if len(found) < count:
        raise NoPromptsError(
            f"the files have {len(found)} places for {count} prompts: give more files or fewer --prompts"
        )
    return list(found.values())


def _draw(
    pool: Sequence[Source], least: float, count: int, draw: random.Random, found: dict[tuple[str, int], Cut]
) -> None:
    """Add places to ``found`` until there are ``count``, trying each pool's lines a few times over."""
    weights = [len(source.lines) for source in pool]
    for _ in range(20 * sum(weights)):
        if len(found) == count:
            return
        source = draw.choices(pool, weights)[0]
        line = draw.randrange(
            min(bisect_left(source.before, least), len(source.lines) - 1), len(source.lines)
        )
        place = _place(source, KINDS[len(found) % len(KINDS)], line, draw)
        if place is not None and (source.name, line) not in found:
            found[source.name, line] = place


def _place(source: Source, kind: Kind, line: int, draw: random.Random) -> Cut | None:
    """The place of that kind at ``line``, None where the line is too short for it."""
    text = source.lines[line].rstrip("\n")
    indent = len(text) - len(text.lstrip())
    if line == 0 or len(text) - indent < LEAST_LINE:
        return None
    if kind == "rest of line":
        return Cut(source, kind, line, draw.randrange(indent + 1, len(text) - 2), line + 1)
    if kind == "line":
        return Cut(source, kind, line, indent, line + 1)
    end = min(line + draw.randint(2, MOST_BLOCK), len(source.lines))
    return Cut(source, kind, line, indent, end)


def text_around(place: Cut, most: int) -> tuple[str, str]:
    """Prefix and suffix of at most ``most`` tokens together, whole lines but for the cursor's own."""
    source = place.source
    room = int(most * PREFIX_PART)
    first = bisect_left(source.before, source.before[place.line] - room)
    last = bisect_right(source.before, source.before[place.resume] + most - room) - 1
    prefix = "".join(source.lines[first : place.line]) + source.lines[place.line][: place.column]
    suffix = "".join(source.lines[place.resume : last])
    return prefix, "\n" + suffix if suffix else ""


def inside(place: Cut) -> str:
    """What the cursor stands in: ``code``, ``comment`` or ``string``."""
    source = place.source
    before = "".join(source.lines[: place.line]) + source.lines[place.line][: place.column]
    around = Place.of(Completion(path=source.name, prefix=before, max_tokens=1))
    if not around.quote:
        return "code"
    return "comment" if around.quote in (around.syntax.comment, "/*") else "string"


def request(case: Case, count: int) -> Completion:
    """The request for ``count`` tokens at a case, without a drafter chosen."""
    return Completion(
        path=case.path, prefix=case.prefix, suffix=case.suffix, max_tokens=count, multiline=True
    )


def make_cases(
    cuts: Iterable[Cut], tokenizer: Tokenizer, fim: FimFormat | None, *, context: int, most: int, length: int
) -> list[Case]:
    """Cases with the tokens that the engine would make of them, room left for ``length`` tokens of output."""
    pieces = Pieces(tokenizer)
    cases = []
    for place in cuts:
        prefix, suffix = text_around(place, most)
        name = f"{place.source.name}:{place.line + 1}:{place.column + 1}"
        key = place.source.lines[place.line][place.column]
        bare = Case(name, place.kind, place.source.name, prefix, suffix, (), key, inside(place))
        prompt = build_prompt(request(bare, length), tokenizer, fim, context=context, pieces=pieces)
        cases.append(replace(bare, tokens=tuple(prompt.tokens)))
    return cases
