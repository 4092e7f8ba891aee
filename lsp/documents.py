"""The open documents, as the editor last told them; a snapshot of one never changes.

Versions must rise (LSP 3.18, VersionedTextDocumentIdentifier). A change whose version does not is left out
and logged; a whole text is taken whatever its version says.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lsprotocol import types

from .text import ENCODINGS, Text

log = logging.getLogger(__name__)

Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of one document."""

    uri: str
    language: str
    version: int
    text: Text


class Documents:
    """What is open now, by URI. Columns count in ``encoding``: utf-8, utf-16 or utf-32."""

    def __init__(self, encoding: str = "utf-16") -> None:
        self._encoding = ENCODINGS[encoding]
        self._open: dict[str, Snapshot] = {}
        self._changes: Counter[str] = Counter()

    def get(self, uri: str) -> Snapshot | None:
        """Return the document as it is now, None if it is not open."""
        return self._open.get(uri)

    def changes_beside(self, uri: str) -> int:
        """Return how often documents other than this one were changed so far."""
        return self._changes.total() - self._changes[uri]

    def open(self, document: types.TextDocumentItem) -> None:
        """Take a document in; one that is open already is replaced."""
        text = Text.of(document.text, self._encoding)
        self._open[document.uri] = Snapshot(document.uri, document.language_id, document.version, text)

    def change(self, uri: str, version: int, changes: Sequence[Change]) -> bool:
        """Apply changes in order, each to the text the one before it left; False where none was applied."""
        before = self._open.get(uri)
        if before is None:
            log.warning("left out a change of a document that is not open")
            return False
        if version <= before.version:
            changes = _from_last_whole(changes)
            outcome = "took its whole text" if changes else "left it out"
            log.warning("a change to version %d came after version %d: %s", version, before.version, outcome)
            if not changes:
                return False
        text = before.text
        for change in changes:
            text = _changed(text, change)
        self._open[uri] = replace(before, version=version, text=text)
        self._changes[uri] += 1
        return True

    def close(self, uri: str) -> None:
        """Forget a document."""
        self._open.pop(uri, None)


def _from_last_whole(changes: Sequence[Change]) -> Sequence[Change]:
    """Return the last change that brings the whole text and those after it; nothing if there is none."""
    whole = [
        number
        for number, change in enumerate(changes)
        if isinstance(change, types.TextDocumentContentChangeWholeDocument)
    ]
    return changes[whole[-1] :] if whole else ()


def _changed(text: Text, change: Change) -> Text:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return Text.of(change.text, text.encoding)
    start, end = change.range.start, change.range.end
    return text.replace(
        text.offset(start.line, start.character), text.offset(end.line, end.character), change.text
    )
