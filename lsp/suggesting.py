"""Where suggestions come from: what is known, what is being written, what the daemon is asked.

A suggestion that is on show is followed up: what would come after it is asked for at low priority, so that
accepting it shows the next one at once.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..daemon.protocol import Complete, Done, Supply, Warm
from .asking import Asking
from .attention import Attention
from .backend import Backend
from .documents import Documents
from .ghost import Anchor, Ghost, Ghosts
from .moment import is_likely
from .question import Question, around, timed
from .settings import EditorSettings, alike
from .trimming import style_of, trim
from .writing import Writing, Writings

STYLE_READ = 8000  # characters before the cursor that tell how a buffer is indented
READING = 0.25  # seconds that a suggestion must stand, for somebody to read it, before it is followed up

Suggestion = tuple[Ghost, str]
"""A ghost and what is left of it to write at the cursor."""


@dataclass(slots=True)
class Found:
    """Suggestions, the greedy one first, where the first came from, and the seconds waited on purpose."""

    suggestions: list[Suggestion] = field(default_factory=list)
    source: Supply = "model"
    waited: float = 0.0


class Suggesting:
    """Finds suggestions for the questions of one editor."""

    def __init__(self, documents: Documents, backend: Backend) -> None:
        self.documents = documents
        self.asking = Asking()
        self.attention = Attention()
        self._backend = backend
        self._settings = EditorSettings()
        self._ghosts = Ghosts()
        self._writings = Writings()

    def use(self, settings: EditorSettings) -> None:
        """Take other settings for the questions to come; what may be another text under them is forgotten."""
        before, self._settings = self._settings, settings
        self.asking.use(settings)
        if not alike(before, settings):
            self._ghosts.clear()
            self.stop()

    def opened(self, uri: str) -> None:
        """A document was opened."""
        document = self.documents.get(uri)
        if document is not None:
            self.attention.opened(document)

    def changed(self, uri: str, changes: int) -> None:
        """A document was changed: work that no longer fits it ends."""
        document = self.documents.get(uri)
        if document is not None:
            self._writings.changed(uri, document.text)
            self.attention.changed(document, changes)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._writings.end(uri)
        self._ghosts.forget(uri)
        self.attention.closed(uri)

    def stop(self) -> bool:
        """End all work in the daemon; tell whether there was any."""
        running = list(self._writings)
        for writing in running:
            writing.cancel()
        return bool(running)

    def warm(self, question: Question) -> None:
        """Have the daemon read the prompt of a place before it is asked for."""
        request = self._request(question, question.place.prefix, question.place.suffix)
        self._backend.warm(Warm(**{name: getattr(request, name) for name in Warm.__dataclass_fields__}))

    def known(self, question: Question) -> Found | None:
        """Return what was suggested here before, if that is enough; work for another place ends."""
        self._writings.moved(question.document.uri, question.place.prefix, question.place.suffix)
        found = self._kept(question)
        enough = self._settings.candidates if question.invoked else 1
        return found if found is not None and len(found.suggestions) >= enough else None

    async def found(self, question: Question) -> Found:
        """Return different suggestions; one where nobody asked for a choice."""
        found = self._kept(question) or await self._first(question)
        if question.invoked and found.suggestions:
            for number in range(len(found.suggestions), self._settings.candidates):
                another = await self._another(question, number)
                if another is None:
                    break
                found.suggestions.append(another)
        return found

    def _kept(self, question: Question) -> Found | None:
        """Return all that was suggested here before, and have what comes after the first written ahead."""
        place, uri = question.place, question.document.uri
        stamp = self.documents.changes_beside(uri)
        kept = sorted(
            self._ghosts.find(uri, place.prefix, place.suffix, stamp), key=lambda pair: pair[0].rank
        )
        if not kept:
            return None
        ghost, rest = kept[0]
        if rest:
            self._follow(question.anchor, question, ghost, rest)
        elif ghost.prefetched:  # what was accepted is the end of its line
            self._follow(question.anchor, question, ghost, new_line(place.prefix), after=0.0)
        return Found(kept, _source_of(ghost))

    async def _first(self, question: Question) -> Found:
        """Return the greedy suggestion: of what is being written, else asked for; nothing where none came."""
        place, uri = question.place, question.document.uri
        writing = self._writings.fitting(uri, place.prefix, place.suffix)
        if writing is not None:
            rest = await self._rest(writing, question)
            if rest or (rest is not None and not writing.ghost.text):
                source: Supply = "prefetch" if writing.is_prefetch else "carried"
                return Found(_shown(writing.ghost, rest, question), source)
        waited = 0.0 if question.invoked else self.attention.wait_seconds()
        await asyncio.sleep(waited)
        writing = self._begin(question)
        rest = await self._rest(writing, question)
        return Found([] if rest is None else _shown(writing.ghost, rest, question), "model", waited)

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
        shape = self.attention.shape(question.document, place)
        request = self._request(question, place.prefix, place.suffix)
        if request.multiline is None:
            request = replace(request, multiline=shape.multiline)
        indent = shape.scope.indent if shape.scope is not None else None
        writing = Writing(Ghost(place.prefix, place.suffix, indent=indent), question.anchor)
        self._run(writing, question, request)
        return writing

    def _follow(
        self, anchor: Anchor, question: Question, ghost: Ghost, rest: str, after: float = READING
    ) -> None:
        """Have written what comes behind ``rest`` at ``anchor``, if the document stays so many seconds."""
        shown = self.documents.get(question.document.uri)

        def check() -> None:
            if self.documents.get(question.document.uri) is shown and not ghost.followed:
                ghost.followed = True
                self._write_ahead(anchor, question, ghost, rest)

        if self._settings.prefetch and not ghost.followed and not anchor.tentative:
            asyncio.get_running_loop().call_later(after, check)

    def _write_ahead(self, anchor: Anchor, question: Question, ghost: Ghost, rest: str) -> None:
        """At low priority, have the daemon write what comes after ``rest``."""
        if not self._backend.ready:
            return
        after = Ghost(anchor.prefix + rest, anchor.suffix, indent=ghost.indent, prefetched=True)
        request = replace(self._request(question, after.prefix, after.suffix), priority="prefetch")
        self._run(Writing(after, anchor, ahead=rest), question, request)

    def _request(self, question: Question, prefix: str, suffix: str) -> Complete:
        chunks = self.attention.chunks(question.document, question.place, self.asking.allows)
        return self.asking.request(question.document, question.names, prefix, suffix, chunks)

    def _run(self, writing: Writing, question: Question, request: Complete) -> None:
        uri, stamp = question.document.uri, self.documents.changes_beside(question.document.uri)
        urgent = question.invoked and not writing.is_prefetch
        until = (
            time.monotonic() + self._settings.deadline_ms / 1000 if writing.is_prefetch else question.until
        )

        async def ask(on_text: Callable[[str], None]) -> Done | None:
            hear = on_text if writing.is_prefetch else self._timed(on_text)
            return await self._backend.complete(timed(request, until), until, hear, urgent=urgent)

        def at_end(writing: Writing, done: Done | None) -> None:
            if done is not None and done.finish != "cancelled":
                self._keep(writing, question, done, stamp)

        self._writings.start(uri, writing, ask, at_end)

    def _keep(self, writing: Writing, question: Question, done: Done, stamp: int) -> None:
        """Remember a completion that is written, and have it followed up if the document still wants it."""
        ghost, uri = writing.ghost, question.document.uri
        ghost.text = trim(done.text, around(question, ghost.prefix, ghost.suffix, ghost.indent))
        ghost.complete, ghost.tokens, ghost.done = True, done.emitted, done
        ghost.likely = is_likely(done.confidence, self._settings.least_confidence)
        if not ghost.likely and not question.invoked:
            return
        self._ghosts.keep(ghost, uri, stamp)
        now = self.documents.get(uri)
        if now is None or not writing.wanted or writing.is_passed_by(now.text):
            return
        if ghost.text:
            self._follow(writing.anchor, question, ghost, writing.ahead + ghost.text)
        elif writing.is_prefetch:
            self._follow(writing.anchor, question, ghost, writing.ahead + new_line(ghost.prefix), after=0.0)

    def _timed(self, on_text: Callable[[str], None]) -> Callable[[str], None]:
        """Return ``on_text`` so that the time to the first text is learnt from."""
        asked = time.monotonic() if self._backend.ready else None

        def hear(text: str) -> None:
            nonlocal asked
            if asked is not None:
                self.attention.answered(time.monotonic() - asked)
                asked = None
            on_text(text)

        return hear

    async def _another(self, question: Question, number: int) -> Suggestion | None:
        """Return a sampled suggestion; None where there is no time for it."""
        place, uri = question.place, question.document.uri
        request = self._request(question, place.prefix, place.suffix)
        request = replace(request, temperature=self._settings.temperature, seed=number)
        stamp = self.documents.changes_beside(uri)
        done = await self._backend.complete(timed(request, question.until), question.until, urgent=False)
        if done is None or done.finish in ("deadline", "cancelled"):
            return None
        ghost = Ghost(place.prefix, place.suffix, complete=True, rank=number, tokens=done.emitted, done=done)
        ghost.text = trim(done.text, around(question, ghost.prefix, ghost.suffix, None))
        self._ghosts.keep(ghost, uri, stamp)
        return ghost, ghost.text


def _shown(ghost: Ghost, rest: str, question: Question) -> list[Suggestion]:
    """Return the ghost, or nothing where it is likely wrong and nobody asked for it."""
    return [(ghost, rest)] if ghost.likely or question.invoked else []


def new_line(prefix: str) -> str:
    """Return what editors put in at Enter: a line end and indentation, deeper behind what opens a block."""
    line = prefix.rpartition("\n")[2]
    indentation = line[: len(line) - len(line.lstrip(" \t"))]
    if line.rstrip().endswith((":", "{", "(", "[")):
        style = style_of(prefix[-STYLE_READ:])
        indentation += "\t" if style.tabs else " " * style.width
    return "\n" + indentation


def _source_of(ghost: Ghost) -> Supply:
    return "prefetch" if ghost.prefetched and not ghost.given else "cache"
