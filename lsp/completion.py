"""Inline completions: when to ask, what to ask, and one answer per request, the newest of a document first.

Editors differ in whether they cancel what they no longer need, so a newer request, a change of the text and
closing the document end an older request here, which then answers an empty list.
"""

import asyncio
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.uris import to_fs_path

from ..daemon.protocol import Complete
from .backend import Backend
from .documents import Documents, Snapshot
from .exclusion import Exclusions, holds_secrets, project_root
from .feedback import Ledger
from .place import Place, place_at, place_of_selected
from .settings import EditorSettings

ENGINE_SHARE = 0.9  # of the time left, so that an answer cut short by it still arrives
PARTING_SECONDS = 0.05  # for last cancels to leave
INVOKED = types.InlineCompletionTriggerKind.Invoked


@dataclass(frozen=True, slots=True)
class Names:
    """What the model is told of a file: its path in the project, and the project's name."""

    path: str
    repository: str = ""


class Completions:
    """Answers the requests of one editor."""

    def __init__(self, documents: Documents, backend: Backend, ledger: Ledger) -> None:
        self.documents = documents
        self.folders: list[Path] = []
        self._backend = backend
        self._ledger = ledger
        self._settings = EditorSettings()
        self._exclusions = Exclusions()
        self._under_way: dict[str, asyncio.Task[list[str]]] = {}

    def use(self, settings: EditorSettings) -> None:
        """Take other settings for the requests to come."""
        self._settings = settings
        self._exclusions = Exclusions(settings.exclude)

    async def answer(self, params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
        """Return the items for a request; none where there is nothing to say or something newer came."""
        uri = params.text_document.uri
        self.supersede(uri)
        document = self.documents.get(uri)
        invoked = params.context.trigger_kind == INVOKED
        place = _place(document, params) if document is not None else None
        if document is None or place is None or not (invoked or self._is_welcome(place)):
            return []
        names = self.names(document)
        if names is None:
            return []
        asking = asyncio.create_task(self._texts(self._request(document, place, names), invoked=invoked))
        self._under_way[uri] = asking
        try:
            await asyncio.wait({asking})
        finally:
            asking.cancel()
            if self._under_way.get(uri) is asking:
                del self._under_way[uri]
        if asking.cancelled() or self.documents.get(uri) is not document:
            return []
        return [self._ledger.item(place, text) for text in asking.result()]

    async def close(self) -> None:
        """End all that is under way; the daemon is told."""
        asking = list(self._under_way.values())
        for task in asking:
            task.cancel()
        if asking:
            await asyncio.gather(*asking, return_exceptions=True)
            await asyncio.sleep(PARTING_SECONDS)

    def supersede(self, uri: str) -> None:
        """End what is under way for a document; its request answers an empty list."""
        older = self._under_way.pop(uri, None)
        if older is not None:
            older.cancel()

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

    def _is_welcome(self, place: Place) -> bool:
        """Tell whether to suggest unasked: not in the middle of a word."""
        following = place.next_character
        return self._settings.automatic and not (following.isalnum() or following == "_")

    def _request(self, document: Snapshot, place: Place, names: Names) -> Complete:
        return Complete(
            path=names.path[-4096:],
            prefix=place.prefix,
            suffix=place.suffix,
            document=document.uri[-4096:],
            language=document.language[:256],
            repository=names.repository[:256],
            max_tokens=self._settings.max_tokens,
            multiline=self._settings.multiline,
        )

    async def _texts(self, request: Complete, *, invoked: bool) -> list[str]:
        """Return different completions, the greedy one first; one where nobody asked for a choice."""
        settings = self._settings
        until = time.monotonic() + settings.deadline_ms / 1000
        texts: list[str] = []
        for number in range(settings.candidates if invoked else 1):
            left = (until - time.monotonic()) * 1000 * ENGINE_SHARE
            temperature = settings.temperature if number else 0.0
            ask = replace(request, deadline_ms=max(1.0, left), temperature=temperature, seed=number)
            done = await self._backend.complete(ask, until, urgent=invoked)
            if done is None or (number and done.finish == "deadline"):
                break
            if done.text.strip() and done.text not in texts:
                texts.append(done.text)
        return texts


def _place(document: Snapshot, params: types.InlineCompletionParams) -> Place | None:
    selected = params.context.selected_completion_info
    if selected is not None:
        return place_of_selected(document.text, selected)
    return place_at(document.text, params.position.line, params.position.character)


def _path_of(uri: str) -> Path:
    """Return the path in a URI, whatever its scheme: a cell of an excluded notebook is excluded too."""
    try:
        path = to_fs_path(uri) if uri.startswith("file:") else unquote(urlsplit(uri).path)
    except ValueError:
        path = None
    return Path(os.path.normpath((path or "").replace("\0", "") or "untitled"))
