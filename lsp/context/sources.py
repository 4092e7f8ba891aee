"""The files that chunks may come from: open ones, lately closed ones, and imported ones, cut in windows.

Cutting and reading happen in the background; what is not ready yet does not count yet.
"""

import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..background import Run
from ..place import unix
from ..text import Text
from .imports import READ, Imports, imports_of
from .windows import Window, windows_of

LARGEST = 200_000
"""Characters, or bytes, of a file that is cut in windows; a larger one has none."""
MOST_DOCUMENTS = 24
MOST_FILES = 64


@dataclass(slots=True)
class Document:
    """A document that is or was open: its latest text, the one to be cut, the one that was, its windows."""

    text: Text
    ordered: Text | None = None
    cut: Text | None = None
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """Windows of a file on disk, read when it had this stamp (time and size)."""

    stamp: tuple[int, int]
    windows: tuple[Window, ...]


class Sources:
    """Windows by path. ``news`` grows whenever there is something new to choose from."""

    def __init__(self, run: Run) -> None:
        self.news = 0
        self._run = run
        self._documents: OrderedDict[Path, Document] = OrderedDict()
        self._imports: dict[Path, Imports] = {}
        self._files: OrderedDict[Path, File] = OrderedDict()

    def put(self, path: Path, text: Text) -> None:
        """Take the latest text of a document; the one put last is the most recent."""
        known = self._documents.get(path)
        if known is None:
            self._documents[path] = Document(text)
            while len(self._documents) > MOST_DOCUMENTS:
                self._documents.popitem(last=False)
        else:
            known.text = text
        self._documents.move_to_end(path)

    def prepare(self, path: Path, root: Path | None, language: str) -> None:
        """Have ready, before long, what may go with the document at ``path``.

        Of that document itself only the first version is cut: what it says now no other asks for yet.
        """
        for other, document in self._documents.items():
            stale = document.ordered is not document.text and (other != path or document.ordered is None)
            if stale:
                document.ordered = document.text
                self._run(partial(self._cut, other, document))
        own = self._documents.get(path)
        head = own.text.slice(0, min(READ, len(own.text))) if own else ""
        self._run(partial(self._read_imports, path, root, language, unix(head)))

    def imports(self, path: Path) -> Imports:
        """Return what the document at ``path`` is known to import."""
        return self._imports.get(path, {})

    def others(self, path: Path) -> Iterator[Window]:
        """Yield the windows of all that may go with the document at ``path``, recent documents first."""
        documents = {
            other: document for other, document in reversed(self._documents.items()) if other != path
        }
        for document in documents.values():
            yield from document.windows
        for imported in self.imports(path):
            file = self._files.get(imported)
            if file is not None and imported not in documents:
                yield from file.windows

    def _cut(self, path: Path, document: Document) -> None:
        text = document.text
        if document.cut is not text:
            document.windows = _indexed(path, unix(str(text))) if len(text) <= LARGEST else ()
            document.cut = text
            self.news += 1

    def _read_imports(self, path: Path, root: Path | None, language: str, head: str) -> None:
        imports = imports_of(head, path, root, language)
        for imported in imports:
            self._read(imported)
        if imports != self._imports.get(path, {}):
            self._imports[path] = imports
            self.news += 1

    def _read(self, path: Path) -> None:
        stamp = _stamp(path)
        known = self._files.get(path)
        if stamp is None:
            return
        if known is None or known.stamp != stamp:
            try:
                windows = _windows_in(path) if stamp[1] <= LARGEST else ()
            except OSError:
                self._files.pop(path, None)
                return
            self._files[path] = File(stamp, windows)
            self.news += 1
        self._files.move_to_end(path)
        while len(self._files) > MOST_FILES:
            self._files.popitem(last=False)


def _indexed(path: Path, text: str) -> tuple[Window, ...]:
    """The windows of a text, their sets of words and lines made already."""
    windows = windows_of(path, text)
    for window in windows:
        window.words, window.lines, window.defines  # noqa: B018
    return windows


def _windows_in(path: Path) -> tuple[Window, ...]:
    return _indexed(path, unix(path.read_bytes()[:LARGEST].decode("utf-8-sig", "replace")))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
