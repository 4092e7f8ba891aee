"""What goes on in the open documents: last changes, the rhythm of typing, shape and context of a place."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..daemon.protocol import Chunk
from .background import Background
from .context import Context
from .documents import Snapshot
from .moment import Activity, Rhythm, Shape, Structure, Watch, is_welcome
from .place import Place


class Attention:
    """Follows the documents of one editor."""

    def __init__(self) -> None:
        self._background = Background()
        self._structure = Structure(self._background.run)
        self._context = Context(self._background.run)
        self._rhythm = Rhythm()
        self._watches: dict[str, Watch] = {}

    def work_in(self, folders: Sequence[Path]) -> None:
        """Take note of the folders the editor works in."""
        self._context.folders = folders

    def opened(self, document: Snapshot) -> None:
        """A document was opened."""
        self._watches[document.uri] = Watch(document.text)
        self._structure.opened(document)
        self._context.opened(document)

    def changed(self, document: Snapshot, changes: int) -> None:
        """A document has a next version, made by so many changes of one notification."""
        watch = self._watches.get(document.uri)
        if watch is not None and watch.changed(document.text, changes).kind == "typed":
            self._rhythm.typed(time.monotonic())
        self._context.changed(document)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._watches.pop(uri, None)
        self._structure.closed(uri)
        self._context.closed(uri)

    def answered(self, seconds: float) -> None:
        """The daemon took so long to the first text of a request."""
        self._rhythm.answered(seconds * 1000)

    def is_welcome(self, document: Snapshot, place: Place) -> bool:
        """Tell whether to suggest here unasked."""
        watch = self._watches.get(document.uri)
        line, rest = place.prefix.rpartition("\n")[2], place.suffix.partition("\n")[0]
        return is_welcome(line, rest, place.cursor, watch.last if watch else Activity())

    def wait_seconds(self) -> float:
        """Return how long to wait before asking unasked."""
        return self._rhythm.wait_ms(time.monotonic()) / 1000

    def shape(self, document: Snapshot, place: Place) -> Shape:
        """Return what a completion here should be."""
        return self._structure.shape(document, place.cursor)

    def chunks(self, document: Snapshot, place: Place, allowed: Callable[[Path], bool]) -> tuple[Chunk, ...]:
        """Return pieces of other files that help here, of those that are ``allowed``."""
        return self._context.chunks(document, place.cursor, allowed)

    def close(self) -> None:
        """Let go of work in the background."""
        self._background.close()
