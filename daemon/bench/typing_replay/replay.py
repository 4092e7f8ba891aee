"""One file's lines typed again in real time, with the requests that an editor makes meanwhile.

The editor is VS Code: a key cancels the request before it, and 50 ms after a key the next one is sent. A
suggestion counts as shown if it came before the next key.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .client import Server, ServerGone
from .daemon import Job, Observer
from .editor import Document, accepted
from .passage import Passage
from .score import Offer, offer_of
from .typist import Stroke, Typist

EDITOR_SECONDS = 0.05  # VS Code waits so long after a key before it asks (InlineCompletionsDebounce)
SETTLE_SECONDS = 5.0  # for the last answers


@dataclass(slots=True)
class Asked:
    """One request: when it was sent and answered (monotonic seconds), and what it brought.

    ``offers`` are the suggestions that came before the next key, as far as they can be judged; ``shown``
    whether there was any.
    """

    sent: float
    answered: float = math.inf
    cancelled: bool = False
    shown: bool = False
    offers: list[Offer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Take:
    """What happened while one passage was typed."""

    keys: int
    seconds: float
    asked: list[Asked]
    jobs: list[Job]


async def replay(server: Server, observer: Observer, passage: Passage, *, seed: int, speed: float) -> Take:
    """Type a passage, pauses divided by ``speed``. Raises ServerGone, PacelineError."""
    typing = _Typing(Document(server, passage.path.as_uri(), passage.before, passage.after), passage)
    typing.document.open()
    strokes = list(Typist(passage.text, seed=seed).strokes())
    await observer.look()
    started, known = time.monotonic(), len(observer.jobs)
    async with _watching(observer):
        due = started
        for stroke in strokes:
            due += stroke.pause / speed
            await typing.wait(due)
            typing.press(stroke)
        seconds = time.monotonic() - started
        await typing.settle()
    typing.document.close()
    await observer.look()
    return Take(len(strokes), seconds, typing.asked, observer.jobs[known:])


@contextlib.asynccontextmanager
async def _watching(observer: Observer) -> AsyncIterator[None]:
    """Let the observer look while the block runs."""
    watch = asyncio.create_task(observer.watch())
    try:
        yield
    finally:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch


class _Typing:
    """A document being typed, and its one open request."""

    def __init__(self, document: Document, passage: Passage) -> None:
        self.document = document
        self.asked: list[Asked] = []
        self._final = passage.before + passage.text
        self._wanted = False
        self._open: asyncio.Task[None] | None = None
        self._number = 0

    def press(self, stroke: Stroke) -> None:
        """A key: the open request is cancelled, and the next one wanted where the text has changed."""
        self._cancel()
        self._wanted = self.document.press(stroke)

    async def wait(self, due: float) -> None:
        """Wait for the time of the next key; ask before, if there is time for that."""
        ask_at = time.monotonic() + EDITOR_SECONDS
        if self._wanted and ask_at < due:
            await asyncio.sleep(EDITOR_SECONDS)
            self._ask()
        await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def settle(self) -> None:
        """Ask for the last place, and wait for the answer."""
        await self.wait(time.monotonic() + 2 * EDITOR_SECONDS)
        if self._open is not None:
            await asyncio.wait({self._open}, timeout=SETTLE_SECONDS)
        self._cancel()

    def _ask(self) -> None:
        self._wanted = False
        asked = Asked(time.monotonic())
        self.asked.append(asked)
        self._number, answer = self.document.server.ask(
            "textDocument/inlineCompletion", self.document.question()
        )
        self._open = asyncio.create_task(self._hear(asked, answer))

    def _cancel(self) -> None:
        if self._open is not None and not self._open.done():
            self.asked[-1].cancelled = True
            self.document.server.cancel(self._number)
        self._open = None

    async def _hear(self, asked: Asked, answer: "asyncio.Future[tuple[float, Any]]") -> None:
        before, after = self.document.before, self.document.after
        try:
            asked.answered, result = await answer
        except ServerGone:
            return  # the next key finds out
        items: Sequence[Any] = result.get("items", ()) if isinstance(result, dict) else ()
        if asked.cancelled or not items:
            return
        asked.shown = True
        for item in items:
            edited = accepted(before, after, item)
            offer = offer_of(self._final, before, edited) if edited is not None else None
            if offer is not None:
                asked.offers.append(offer)
