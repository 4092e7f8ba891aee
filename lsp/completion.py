"""Inline completions: one answer per request, from what is known, what is being written, or the daemon.

Editors differ in whether they cancel what they no longer need, so a newer request, a change of the text and
closing the document end an older request here, which then answers an empty list. The work in the daemon goes
on as long as the document may come to need it (:mod:`writing`), and what it wrote is kept (:mod:`ghost`).
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lsprotocol import types

from ..daemon.protocol import Complete, Done
from .asking import Asking, Names
from .backend import Backend
from .documents import Documents, Snapshot
from .feedback import Ledger
from .ghost import Anchor, Ghost, Ghosts
from .place import Place, place_at, place_of_selected
from .settings import EditorSettings
from .writing import Writing, Writings

ENGINE_SHARE = 0.9  # of the time left, so that an answer cut short by it still arrives
PARTING_SECONDS = 0.05  # for last cancels to leave
INVOKED = types.InlineCompletionTriggerKind.Invoked

Suggestion = tuple[Ghost, str]
"""A ghost and what is left of it to write at the cursor."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request of the editor: where, of which file, by hand or unasked, until when (monotonic seconds)."""

    document: Snapshot
    names: Names
    place: Place
    invoked: bool
    until: float

    @property
    def anchor(self) -> Anchor:
        """The place, for judging later versions of the document."""
        place = self.place
        return Anchor(self.document.text, place.start, place.cursor, place.prefix, place.suffix)


class Completions:
    """Answers the requests of one editor."""

    def __init__(self, documents: Documents, backend: Backend, ledger: Ledger) -> None:
        self.documents = documents
        self.asking = Asking()
        self._backend = backend
        self._ledger = ledger
        self._settings = EditorSettings()
        self._ghosts = Ghosts()
        self._writings = Writings()
        self._waiting: dict[str, asyncio.Task[list[Suggestion]]] = {}

    def use(self, settings: EditorSettings) -> None:
        """Take other settings for the requests to come; what was answered under the old ones is forgotten."""
        self._settings = settings
        self.asking.use(settings)
        self._ghosts.clear()
        for writing in self._writings:
            writing.cancel()

    async def answer(self, params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
        """Return the items for a request; none where there is nothing to say or something newer came."""
        uri = params.text_document.uri
        self._supersede(uri)
        question = self._question(params)
        if question is None:
            return []
        place = question.place
        self._writings.moved(uri, place.prefix, place.suffix)
        known = self._known(question)
        if self._is_enough(known, question):
            return self._items(question, known)
        if not question.invoked and not self._is_welcome(place):
            return []
        found = await self._waited_for(question, known)
        return self._items(question, found) if self.documents.get(uri) is question.document else []

    def opened(self, uri: str) -> None:
        """A document was opened, or its whole text replaced from outside."""
        self.closed(uri)

    def changed(self, uri: str) -> None:
        """A document was changed: its open request is over, and work that no longer fits it ends."""
        self._supersede(uri)
        document = self.documents.get(uri)
        if document is not None:
            self._writings.changed(uri, document.text)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._supersede(uri)
        self._writings.end(uri)
        self._ghosts.forget(uri)

    async def close(self) -> None:
        """End all that is under way; the daemon is told."""
        under_way = list(self._writings)
        for writing in under_way:
            writing.cancel()
        for task in self._waiting.values():
            task.cancel()
        if under_way or self._waiting:
            await asyncio.sleep(PARTING_SECONDS)

    def _question(self, params: types.InlineCompletionParams) -> Question | None:
        """Return what is asked; None where it is nothing to answer."""
        document = self.documents.get(params.text_document.uri)
        place = _place(document, params) if document is not None else None
        names = self.asking.names(document) if document is not None else None
        if document is None or place is None or names is None:
            return None
        invoked = params.context.trigger_kind == INVOKED
        return Question(document, names, place, invoked, time.monotonic() + self._settings.deadline_ms / 1000)

    def _supersede(self, uri: str) -> None:
        """End the open request of a document; it answers an empty list."""
        older = self._waiting.pop(uri, None)
        if older is not None:
            older.cancel()

    def _known(self, question: Question) -> list[Suggestion]:
        """Return what was suggested here before, the greedy one first."""
        place, uri = question.place, question.document.uri
        found = self._ghosts.find(uri, place.prefix, place.suffix, self.documents.changes_beside(uri))
        return sorted(found, key=lambda suggestion: suggestion[0].rank)

    def _is_enough(self, known: list[Suggestion], question: Question) -> bool:
        if question.invoked:
            return len(known) >= self._settings.candidates
        return bool(known)

    def _is_welcome(self, place: Place) -> bool:
        """Tell whether to suggest unasked: not in the middle of a word."""
        following = place.next_character
        return self._settings.automatic and not (following.isalnum() or following == "_")

    async def _waited_for(self, question: Question, known: list[Suggestion]) -> list[Suggestion]:
        """Return suggestions from the daemon; none where something newer came."""
        uri = question.document.uri
        waiting = asyncio.create_task(self._suggestions(question, known))
        self._waiting[uri] = waiting
        try:
            await asyncio.wait({waiting})
        finally:
            waiting.cancel()
            if self._waiting.get(uri) is waiting:
                del self._waiting[uri]
        return [] if waiting.cancelled() else waiting.result()

    async def _suggestions(self, question: Question, known: list[Suggestion]) -> list[Suggestion]:
        """Return different suggestions, the greedy one first; one where nobody asked for a choice."""
        if not known:
            known = [found] if (found := await self._first(question)) is not None else []
        if not question.invoked or not known:
            return known
        for number in range(len(known), self._settings.candidates):
            another = await self._another(question, number)
            if another is None:
                break
            known.append(another)
        return known

    async def _first(self, question: Question) -> Suggestion | None:
        """Return the greedy suggestion: of what is being written, else asked for; None where none came."""
        place, uri = question.place, question.document.uri
        writing = self._writings.fitting(uri, place.prefix, place.suffix)
        if writing is not None:
            rest = await self._rest(writing, question)
            if rest or (rest is not None and not writing.ghost.text):
                return writing.ghost, rest
        writing = self._begin(question)
        rest = await self._rest(writing, question)
        return None if rest is None else (writing.ghost, rest)

    async def _rest(self, writing: Writing, question: Question) -> str | None:
        """Wait for a text; a wait cancelled while the document stays cancels the writing too."""
        place, uri = question.place, question.document.uri
        patience = self._settings.show_after_ms / 1000
        try:
            until = question.until if question.invoked else time.monotonic() + patience
            return await writing.rest(place.prefix, place.suffix, until)
        except asyncio.CancelledError:
            self._writings.leave(writing, lambda: self.documents.get(uri) is question.document)
            raise

    def _begin(self, question: Question) -> Writing:
        """Have the daemon write the greedy completion of a place."""
        place = question.place
        request = self.asking.request(question.document, question.names, place.prefix, place.suffix)
        writing = Writing(Ghost(place.prefix, place.suffix), question.anchor)
        return self._run(writing, question, request)

    def _run(self, writing: Writing, question: Question, request: Complete) -> Writing:
        uri, stamp = question.document.uri, self.documents.changes_beside(question.document.uri)

        async def ask(on_text: Callable[[str], None]) -> Done | None:
            timed = _timed(request, question.until)
            return await self._backend.complete(timed, question.until, on_text, urgent=question.invoked)

        def at_end(writing: Writing, done: Done | None) -> None:
            if done is not None and done.finish != "cancelled":
                writing.ghost.text, writing.ghost.complete = _visible(done.text), True
                self._ghosts.keep(writing.ghost, uri, stamp)

        self._writings.start(uri, writing, ask, at_end)
        return writing

    async def _another(self, question: Question, number: int) -> Suggestion | None:
        """Return a sampled suggestion; None where there is no time for it."""
        place, uri = question.place, question.document.uri
        request = self.asking.request(question.document, question.names, place.prefix, place.suffix)
        request = replace(request, temperature=self._settings.temperature, seed=number)
        stamp = self.documents.changes_beside(uri)
        done = await self._backend.complete(_timed(request, question.until), question.until, urgent=False)
        if done is None or done.finish in ("deadline", "cancelled"):
            return None
        ghost = Ghost(place.prefix, place.suffix, _visible(done.text), complete=True, rank=number)
        self._ghosts.keep(ghost, uri, stamp)
        return ghost, ghost.text

    def _items(self, question: Question, found: list[Suggestion]) -> list[types.InlineCompletionItem]:
        """Return the items of suggestions, each text once; one where nobody asked for a choice."""
        texts = dict.fromkeys(rest for _, rest in found if rest.strip())
        chosen = list(texts)[: self._settings.candidates if question.invoked else 1]
        return [self._ledger.item(question.place, text) for text in chosen]


def _place(document: Snapshot, params: types.InlineCompletionParams) -> Place | None:
    selected = params.context.selected_completion_info
    if selected is not None:
        return place_of_selected(document.text, selected)
    return place_at(document.text, params.position.line, params.position.character)


def _timed(request: Complete, until: float) -> Complete:
    """Return the request with what is left of its time."""
    left = (until - time.monotonic()) * 1000 * ENGINE_SHARE
    return replace(request, deadline_ms=max(1.0, left))


def _visible(text: str) -> str:
    """Return a text, "" for one that shows nothing."""
    return text if text.strip() else ""
