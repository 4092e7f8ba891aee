"""What the daemon is asked about a file, and of which files nothing is ever sent."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pygls.uris import to_fs_path

from ..daemon.exclusion import Exclusions, holds_secrets, project_root
from ..daemon.protocol import Chunk, Complete
from .documents import Snapshot
from .settings import EditorSettings
from .text import clean


@dataclass(frozen=True, slots=True)
class Names:
    """What the model is told of a file: its path in the project, and the project's name."""

    path: str
    repository: str = ""


class Asking:
    """Makes requests by the settings. ``folders`` are those the editor works in."""

    def __init__(self) -> None:
        self.folders: Sequence[Path] = ()
        self._settings = EditorSettings()
        self._exclusions = Exclusions()

    def use(self, settings: EditorSettings) -> None:
        """Take other settings for the requests to come."""
        self._settings = settings
        self._exclusions = Exclusions(settings.exclude)

    def names(self, document: Snapshot) -> Names | None:
        """Return what a file is called in a request; None for one that must not be sent."""
        if not self._settings.enabled or document.language in self._settings.disabled_languages:
            return None
        path = _path_of(document.uri)
        if not path.is_absolute():
            return None if holds_secrets(path) else Names(path.as_posix())
        root = project_root(path, self.folders)
        if self._exclusions.excludes(path, root):
            return None
        return Names(path.name) if root is None else Names(path.relative_to(root).as_posix(), root.name)

    def allows(self, path: Path) -> bool:
        """Tell whether pieces of the file at ``path``, absolute, may go along with a request."""
        return not self._exclusions.excludes(path, project_root(path, self.folders))

    def request(
        self, document: Snapshot, names: Names, prefix: str, suffix: str, chunks: tuple[Chunk, ...] = ()
    ) -> Complete:
        """Return the request for a completion between ``prefix`` and ``suffix`` of a file."""
        return Complete(
            path=names.path[-4096:],
            prefix=prefix,
            suffix=suffix,
            document=clean(document.uri)[-4096:],
            language=clean(document.language)[:256],
            repository=names.repository[:256],
            chunks=chunks,
            max_tokens=self._settings.max_tokens,
            multiline=self._settings.multiline,
            explain=True,
        )


def _path_of(uri: str) -> Path:
    """Return the path in a URI, whatever its scheme: a cell of an excluded notebook is excluded too."""
    try:
        path = to_fs_path(uri) if uri.startswith("file:") else unquote(urlsplit(uri).path)
    except ValueError:
        path = None
    path = os.path.normpath(clean(path or "").replace("\0", "") or "untitled")
    return Path(path if path.strip("/") else "untitled")
