"""The chunks that go with a request.

Sources: other open documents, regions edited lately, and files the document imports. They are ranked by the
identifiers they share with the code around the cursor, by whether the document imports them, and by how
lately they were edited.

What was chosen for a document stays, in its order, from keystroke to keystroke, so that the model's cached
prompt stays good: it is chosen again only when the cursor has moved to another region or when, on a new line or
after a pause, there is something new to choose from.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from ...daemon.protocol import Chunk
from ..background import Run
from ..documents import Snapshot


BUDGET = 6000
"""Characters of all chunks together; code has three to four for a token."""


class Context:
    """Collects and chooses chunks for one editor. ``run`` has slow work done in the background.

    ``folders`` are the workspace folders; assign them when the editor names them.
    """

    def __init__(self, run: Run, *, budget: int = BUDGET) -> None:
        self.folders: Sequence[Path] = ()
        self._run = run
        self._budget = budget

    def opened(self, document: Snapshot) -> None:
        """Take a document in. Call after it was stored; its text is read in the background."""

    def changed(self, document: Snapshot) -> None:
        """Take the next version of a document; costs what finding the change costs."""

    def closed(self, uri: str) -> None:
        """Let go of a document; what was edited in it lately stays known."""

    def chunks(self, document: Snapshot, offset: int, allowed: Callable[[Path], bool]) -> tuple[Chunk, ...]:
        """Return the chunks for a completion at ``offset``, in the order they go into the prompt.

        ``allowed`` tells whether a file, by its absolute path, may be sent; it is asked at every call about
        every chunk returned. Paths of chunks are relative to their project.
        """
        return ()
