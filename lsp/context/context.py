"""The chunks that go with a request.

Sources: open and lately closed documents, regions edited lately, and files the document imports. They are
ranked by the identifiers they share with the code around the cursor, by whether the document imports them,
and by how lately they were edited.

What was chosen for a document stays, in its order, from keystroke to keystroke, so that the model's cached
prompt stays good: it is chosen again only when the cursor has moved to another region or when, on a new
line or after a pause, there is something new to choose from.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from pygls.uris import to_fs_path

from ...daemon.exclusion import project_root
from ...daemon.protocol import Chunk
from ..background import Run
from ..difference import difference
from ..documents import Snapshot
from ..place import unix
from ..text import Text, clean
from .choice import Candidate, Cursor, choose
from .regions import Regions
from .sources import Sources
from .windows import Window, lines_of, words_of

BUDGET = 6000
"""Characters of all chunks together; code has three to four for a token."""
REGION = 30
"""Lines the cursor may move before chunks are chosen again."""
PAUSE = 2.0
"""Seconds without a request after which news is taken up at once."""
MOST_WINDOWS = 400
NEAR = (3000, 1000)
"""Characters before and after the cursor whose identifiers count."""
SEEN = (8000, 2000)
"""Characters before and after the cursor that the model sees anyway."""


@dataclass(slots=True)
class _Chosen:
    """What was chosen for a document: on which line, at which state of the sources."""

    windows: tuple[Window, ...]
    region: int
    news: int
    line: int
    asked: float


class Context:
    """Collects and chooses chunks for one editor. ``run`` has slow work done in the background.

    Set ``folders`` to the workspace folders when the editor names them. ``clock`` counts seconds.
    """

    def __init__(
        self, run: Run, *, budget: int = BUDGET, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folders: Sequence[Path] = ()
        self._budget = budget
        self._clock = clock
        self._sources = Sources(run)
        self._regions = Regions()
        self._texts: dict[str, Text] = {}
        self._chosen: dict[str, _Chosen] = {}
        self._roots: dict[tuple[Path, tuple[Path, ...]], Path | None] = {}

    def opened(self, document: Snapshot) -> None:
        """Take a document in. What it imports is read in the background."""
        self._texts[document.uri] = document.text
        path = _path_of(document.uri)
        if path is not None:
            self._sources.put(path, document.text)
            self._sources.prepare(path, self._root(path), document.language)

    def changed(self, document: Snapshot) -> None:
        """Take the next version of a document."""
        before, path = self._texts.get(document.uri), _path_of(document.uri)
        self._texts[document.uri] = document.text
        made = difference(before, document.text) if before is not None else None
        if path is not None and made is not None:
            self._sources.put(path, document.text)
            self._regions.edited(path, document.text, made)

    def closed(self, uri: str) -> None:
        """Let go of a document; its last text still counts among what was looked at lately."""
        self._texts.pop(uri, None)
        self._chosen.pop(uri, None)

    def chunks(self, document: Snapshot, offset: int, allowed: Callable[[Path], bool]) -> tuple[Chunk, ...]:
        """Return the chunks for a completion at ``offset``, in the order they go into the prompt.

        ``allowed`` tells whether a file, by its absolute path, may be sent; it is asked at every call about
        every file a chunk is from. Paths of chunks are relative to the document's project; files of another
        project have its name before theirs. A document that is no file gets none.
        """
        path = _path_of(document.uri)
        if path is None:
            return ()
        line, now, may = document.text.line_of(offset), self._clock(), cache(allowed)
        chosen = self._chosen.get(document.uri)
        if chosen is None or self._is_due(chosen, line, now):
            self._sources.prepare(path, self._root(path), document.language)
            windows = self._choose(path, document.text, offset, chosen.windows if chosen else (), may)
            chosen = self._chosen[document.uri] = _Chosen(windows, line, self._sources.news, line, now)
        chosen.line, chosen.asked = line, now
        return tuple(
            Chunk(self._name(window.path, path)[-4096:], window.text)
            for window in chosen.windows
            if may(window.path)
        )

    def _is_due(self, chosen: _Chosen, line: int, now: float) -> bool:
        if abs(line - chosen.region) > REGION:
            return True
        if self._sources.news == chosen.news:
            return False
        return line != chosen.line or now - chosen.asked > PAUSE

    def _choose(
        self,
        path: Path,
        text: Text,
        offset: int,
        before: Sequence[Window],
        allowed: Callable[[Path], bool],
    ) -> tuple[Window, ...]:
        near, seen = (_around(text, offset, reach) for reach in (NEAR, SEEN))
        cursor = Cursor(words_of(near), lines_of(seen))
        candidates = islice(self._candidates(path), MOST_WINDOWS)
        return choose(candidates, cursor, before, self._budget, allowed)

    def _candidates(self, path: Path) -> Iterator[Candidate]:
        root, imports = self._root(path), self._sources.imports(path)
        is_near = cache(lambda other: self._is_near(other, path, root))
        regions = self._regions.windows()
        for number, window in enumerate(regions):
            if is_near(window.path):
                yield Candidate(window, imports.get(window.path), 1 - number / len(regions))
        for window in self._sources.others(path):
            if is_near(window.path):
                yield Candidate(window, imports.get(window.path))

    def _is_near(self, other: Path, path: Path, root: Path | None) -> bool:
        """Whether a file is of the same project as the one at ``path``, or of one that is open beside it."""
        if root is None:
            return other.is_relative_to(path.parent)
        return other.is_relative_to(root) or any(other.is_relative_to(folder) for folder in self.folders)

    def _name(self, other: Path, path: Path) -> str:
        root, own = self._root(path), self._root(other)
        if root is None:
            return other.relative_to(path.parent).as_posix()
        if own is None or own == root or not other.is_relative_to(own):
            return other.relative_to(root).as_posix() if other.is_relative_to(root) else other.name
        return f"{own.name}/{other.relative_to(own).as_posix()}"

    def _root(self, path: Path) -> Path | None:
        key = path.parent, tuple(self.folders)
        if key not in self._roots:
            self._roots[key] = project_root(path, self.folders)
        return self._roots[key]


def _path_of(uri: str) -> Path | None:
    """The path of a document that is a file of its own, normalised, as rules of exclusion want it."""
    try:
        path = to_fs_path(uri) if uri.startswith("file:") else None
    except ValueError:
        return None
    if not path or "\0" in path or clean(path) != path or not os.path.isabs(path):
        return None
    return Path(os.path.normpath(path))


def _around(text: Text, offset: int, reach: tuple[int, int]) -> str:
    return unix(text.slice(max(0, offset - reach[0]), min(len(text), offset + reach[1])))
