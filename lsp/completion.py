"""Inline completions: one answer per request of the editor.

Editors differ in whether they cancel what they no longer need, so a newer request, a change of the text and
closing the document end an older request here, which then answers an empty list. The work in the daemon goes
on as long as the document may come to need it (:mod:`suggesting`).
"""

import asyncio
import time
from typing import Any

from lsprotocol import types

from ..daemon.protocol import as_map
from .documents import Documents
from .feedback import Ledger
from .ghost import Ghost
from .question import Question, place_of, worth_showing
from .settings import EditorSettings
from .suggesting import Found, Suggesting
from .trimming import Dismissed

PARTING_SECONDS = 0.05  # for last cancels to leave
INVOKED = types.InlineCompletionTriggerKind.Invoked


class Completions:
    """Answers the requests of one editor."""

    def __init__(self, documents: Documents, suggesting: Suggesting, ledger: Ledger) -> None:
        self.documents = documents
        self._suggesting = suggesting
        self._ledger = ledger
        self._settings = EditorSettings()
        self._dismissed = Dismissed()
        self._waiting: dict[str, asyncio.Task[Found]] = {}
        self._last: dict[str, types.Position] = {}
        self._shown: Ghost | None = None

    def use(self, settings: EditorSettings) -> None:
        """Take other settings for the requests to come."""
        self._settings = settings
        self._suggesting.use(settings)

    async def answer(self, params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
        """Return the items for a request; none where there is nothing to say or something newer came."""
        uri = params.text_document.uri
        self._supersede(uri)
        question = self._question(params)
        if question is None:
            return []
        self._last[uri] = params.position
        self._ledger.moved(question)
        found = self._suggesting.known(question)
        if found is None and (question.invoked or self._is_welcome(question)):
            found = await self._waited_for(question)
        if found is None or self.documents.get(uri) is not question.document:
            return []
        return self._items(question, found)

    def opened(self, uri: str) -> None:
        """A document was opened; if it was open before, all that was about it is over."""
        self.closed(uri)
        self._suggesting.opened(uri)

    def changed(self, uri: str, changes: int) -> None:
        """A document has a next version, made by so many changes; its open request is over."""
        self._supersede(uri)
        self._suggesting.changed(uri, changes)
        self._ledger.changed(uri)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._supersede(uri)
        self._suggesting.closed(uri)
        self._dismissed.forget(uri)
        self._ledger.closed(uri)
        self._last.pop(uri, None)

    def focused(self, uri: str, position: types.Position | None) -> None:
        """The user is in a document, at ``position`` or where the last request was: a request may come."""
        position = position or self._last.get(uri)
        if position is not None:
            context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
            identifier = types.TextDocumentIdentifier(uri)
            question = self._question(types.InlineCompletionParams(context, identifier, position))
            if question is not None:
                self._suggesting.warm(question)

    def dismissed(self, item: Any) -> None:
        """The user does not want an item: its text is not shown again at its place, unless asked for."""
        given = self._ledger.dismissed(item)
        if given is not None:
            self._dismissed.add(given.uri, given.prefix, given.suffix, given.text)

    def explanation(self) -> dict[str, Any] | None:
        """Return the counts, times and tokens of what was suggested last; None where nothing is known.

        As ``paceline complete --json --explain`` prints them, and as ``shown`` the text that was suggested.
        """
        ghost = self._shown
        if ghost is None or ghost.done is None:
            return None
        return as_map(ghost.done) | {"shown": ghost.text}

    async def close(self) -> None:
        """End all that is under way; the daemon is told."""
        waiting = list(self._waiting.values())
        for task in waiting:
            task.cancel()
        if self._suggesting.stop() or waiting:
            await asyncio.sleep(PARTING_SECONDS)

    def _question(self, params: types.InlineCompletionParams) -> Question | None:
        """Return what is asked; None where it is nothing to answer."""
        document = self.documents.get(params.text_document.uri)
        place = place_of(document, params) if document is not None else None
        names = self._suggesting.asking.names(document) if document is not None else None
        if document is None or place is None or names is None:
            return None
        invoked = params.context.trigger_kind == INVOKED
        now = time.monotonic()
        return Question(document, names, place, invoked, now, now + self._settings.deadline_ms / 1000)

    def _is_welcome(self, question: Question) -> bool:
        """Tell whether to suggest unasked."""
        welcome = self._suggesting.attention.is_welcome
        return self._settings.automatic and welcome(question.document, question.place)

    def _supersede(self, uri: str) -> None:
        """End the open request of a document; it answers an empty list."""
        older = self._waiting.pop(uri, None)
        if older is not None:
            older.cancel()

    async def _waited_for(self, question: Question) -> Found | None:
        """Return what the daemon has to suggest; None where something newer came."""
        uri = question.document.uri
        waiting = asyncio.create_task(self._suggesting.found(question))
        self._waiting[uri] = waiting
        try:
            await asyncio.wait({waiting})
        finally:
            waiting.cancel()
            if self._waiting.get(uri) is waiting:
                del self._waiting[uri]
        return None if waiting.cancelled() else waiting.result()

    def _items(self, question: Question, found: Found) -> list[types.InlineCompletionItem]:
        """Return the items of what was found, each text once; one where nobody asked for a choice."""
        chosen: dict[str, tuple[Ghost, str]] = {}  # texts that differ in blanks around them only are the same
        for ghost, rest in found.suggestions[: self._settings.candidates if question.invoked else 1]:
            text = worth_showing(question, ghost, rest)
            if text.strip() and (question.invoked or not self._was_dismissed(question, text)):
                chosen.setdefault(text.strip(), (ghost, text))
        items = self._ledger.items(question, list(chosen.values()))
        if items:
            self._shown = next(ghost for ghost, _ in chosen.values())
            tokens = sum(ghost.tokens for ghost, _ in chosen.values() if ghost.prefetched and not ghost.given)
            self._ledger.answered(found.source, time.monotonic() - question.asked, found.waited, tokens)
        for ghost, _ in chosen.values():
            ghost.given = True
        return items

    def _was_dismissed(self, question: Question, text: str) -> bool:
        place = question.place
        return self._dismissed.holds(question.document.uri, place.prefix, place.suffix, text)
