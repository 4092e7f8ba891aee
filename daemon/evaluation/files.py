"""The code files of a folder that may be read: neither excluded nor secret, nor data of the tools."""

import os
from collections.abc import Iterator
from pathlib import Path

from ..bench.prompts import MOST_BYTES, SUFFIXES
from ..exclusion import Exclusions, project_root

MOST_FILES = 20_000
SKIPPED = {"node_modules", "__pycache__", "venv"}


class Folder:
    """A folder of the user's, with the rules of the project it belongs to."""

    def __init__(self, path: Path) -> None:
        """``path`` is a folder that exists."""
        self.path = path.resolve()
        self._root = project_root(self.path / "file", [self.path])
        self._exclusions = Exclusions()

    def allows(self, path: Path) -> bool:
        """Whether the file at ``path``, absolute, may be read: it is code and no rule excludes it."""
        return path.suffix in SUFFIXES and not self._exclusions.excludes(path, self._root)

    def files(self) -> list[Path]:
        """Files that may be read, in the order of their names, the first ``MOST_FILES``."""
        found: list[Path] = []
        for path in _walk(self.path):
            if self.allows(path):
                found.append(path)
            if len(found) == MOST_FILES:
                break
        return found


def _walk(folder: Path) -> Iterator[Path]:
    """Files below ``folder``, folders of tools and hidden ones left out, links to folders not followed."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
        yield from (Path(place, name) for name in sorted(names))


def read(path: Path) -> str | None:
    """The text of a code file; None where it is gone, too large to be code, or no UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        return None if len(data) > MOST_BYTES else data.decode()
    except (OSError, UnicodeDecodeError):
        return None
