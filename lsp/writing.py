"""Completions being written by the daemon: each goes on while the document may still come to need it.

A request of the editor and the work in the daemon are two things here: the text of a running request is a
ghost that grows, and the next request, after another key along it, takes that over instead of asking anew.
What the document has passed by is cancelled at once; what nobody waits for any more, a moment later, because
editors cancel the request before they send the next one.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from ..daemon.protocol import Done
from .ghost import Anchor, Ghost
from .text import Text

GRACE = 0.01  # seconds that a request, cancelled without a change of the text, is kept for the next one

Ask = Callable[[Callable[[str], None]], Coroutine[Any, Any, Done | None]]
"""Has the daemon write, handing over pieces of text; None where no completion comes."""


class Writing:
    """One running request. ``ahead`` is text that must be typed first: the request is for what follows it.

    ``waiting`` are the editor's requests that wait for it; it is ``wanted`` once there was one.
    """

    def __init__(self, ghost: Ghost, anchor: Anchor, ahead: str = "") -> None:
        self.ghost = ghost
        self.anchor = anchor
        self.ahead = ahead
        self.waiting = 0
        self.wanted = not ahead
        self._way = Ghost(anchor.prefix, anchor.suffix, ahead)
        self._ended = False
        self._listening: set[asyncio.Future[None]] = set()
        self._task: asyncio.Task[Done | None] | None = None

    @property
    def is_prefetch(self) -> bool:
        """Whether it was begun before the document was there."""
        return bool(self.ahead)

    def start(self, ask: Ask, at_end: "AtEnd") -> None:
        """Have it written; ``at_end`` hears of the end, with the completion if there is one."""
        self._task = asyncio.ensure_future(ask(self._take))
        self._task.add_done_callback(lambda task: self._end(task, at_end))

    def cancel(self) -> None:
        """Have the daemon stop."""
        if self._task is not None:
            self._task.cancel()

    def is_passed_by(self, now: Text) -> bool:
        """Tell whether the document can no longer come to need it by typing on."""
        return self.anchor.is_passed_by(self._way, now)

    def fits(self, prefix: str, suffix: str) -> bool:
        """Tell whether it may hold the completion of this place."""
        return self.ghost.rest(prefix, suffix) is not None

    async def rest(self, prefix: str, suffix: str, patience: float) -> str | None:
        """Return what it has for a place: all of the text, or its first lines once ``patience`` is over.

        ``patience`` in monotonic seconds. None where the text turns out to go another way, or never comes.
        """
        self.waiting += 1
        self.wanted = True
        try:
            while not self._ended:
                rest = self.ghost.rest(prefix, suffix)
                if rest is None:
                    return None
                lines = whole_lines(rest)
                left = patience - time.monotonic()
                if lines and left <= 0:
                    return lines
                await self._hear(left if lines else None)
        finally:
            self.waiting -= 1
        return self.ghost.rest(prefix, suffix) if self.ghost.complete else None

    async def _hear(self, timeout: float | None) -> None:
        """Wait for more text, the end, or the timeout in seconds."""
        news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listening.add(news)
        try:
            await asyncio.wait({news}, timeout=timeout)
        finally:
            self._listening.discard(news)

    def _take(self, piece: str) -> None:
        self.ghost.text += piece
        self._way.text += piece
        self._tell()

    def _tell(self) -> None:
        for news in self._listening:
            if not news.done():
                news.set_result(None)

    def _end(self, task: "asyncio.Task[Done | None]", at_end: "AtEnd") -> None:
        self._ended = True
        done = None if task.cancelled() or task.exception() is not None else task.result()
        try:
            at_end(self, done)
        finally:
            self._tell()
        if not task.cancelled():
            task.result()  # a fault goes to the loop's handler


AtEnd = Callable[[Writing, Done | None], None]


class Writings:
    """All that run: of each document at most one that was asked for and one that was prefetched."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, bool], Writing] = {}

    def __iter__(self) -> Iterator[Writing]:
        return iter(list(self._running.values()))

    def start(self, uri: str, writing: Writing, ask: Ask, at_end: AtEnd) -> None:
        """Start one, in the place of its like."""
        key = (uri, writing.is_prefetch)
        older = self._running.get(key)
        if older is not None:
            older.cancel()

        def ended(writing: Writing, done: Done | None) -> None:
            if self._running.get(key) is writing:
                del self._running[key]
            at_end(writing, done)

        self._running[key] = writing
        writing.start(ask, ended)

    def fitting(self, uri: str, prefix: str, suffix: str) -> Writing | None:
        """Return one that may hold the completion of a place."""
        found = (writing for writing in self._of(uri) if writing.fits(prefix, suffix))
        return next(found, None)

    def changed(self, uri: str, now: Text) -> None:
        """A document has changed: cancel what it has passed by."""
        for writing in self._of(uri):
            if writing.is_passed_by(now):
                writing.cancel()

    def moved(self, uri: str, prefix: str, suffix: str) -> None:
        """The cursor is elsewhere: cancel what was asked for another place."""
        asked = self._running.get((uri, False))
        if asked is not None and not asked.fits(prefix, suffix):
            asked.cancel()

    def leave(self, writing: Writing, still: Callable[[], bool]) -> None:
        """A request that waited was cancelled: cancel the writing too, if soon nobody waits and ``still``."""

        def check() -> None:
            if not writing.waiting and still():
                writing.cancel()

        asyncio.get_running_loop().call_later(GRACE, check)

    def end(self, uri: str) -> None:
        """Cancel all of a document."""
        for writing in self._of(uri):
            writing.cancel()

    def _of(self, uri: str) -> list[Writing]:
        keys = ((uri, False), (uri, True))
        return [self._running[key] for key in keys if key in self._running]


def whole_lines(text: str) -> str:
    """Return the lines of ``text`` that have ended, without the last line end; "" if blank."""
    lines = text[: max(0, text.rfind("\n"))].rstrip("\n")
    return lines if lines.strip() else ""
