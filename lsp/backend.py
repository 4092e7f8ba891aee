"""The daemon as the language server sees it: woken when needed, asked with a deadline, missed without error.

Starting a daemon or loading models happens in one task that all requests share, and after a failure not again
at once. Whatever goes wrong reaches the observer, in one sentence, and no request.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from ..daemon.aclient import AsyncClient
from ..daemon.errors import DaemonLost, PacelineError, RequestError, RequestSuperseded, RequestTimeout
from ..daemon.protocol import Complete, Done, Feedback, Warm
from ..daemon.settings import load_settings

PAUSES = (2.0, 60.0)  # first and longest, in seconds, between attempts to reach a daemon that cannot run
WARM_SECONDS = 60.0  # for models to load and a prompt to be read


class Observer(Protocol):
    """Who is told how the daemon is."""

    def loading(self, stage: str, fraction: float) -> None:
        """Models are being loaded."""

    def ready(self) -> None:
        """The daemon can answer."""

    def failed(self, error: PacelineError) -> None:
        """The daemon cannot run, or could not answer; the error says what to do."""

    def lost(self) -> None:
        """The daemon went away; it is being started again."""


class Backend:
    """One connection to the daemon of the settings, made when first needed and again when lost."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._overrides: Mapping[str, Any] = {}
        self._client: AsyncClient | None = None
        self._waking: asyncio.Task[None] | None = None
        self._ready = False
        self._pause = 0.0
        self._not_before = 0.0
        self._beside: set[asyncio.Task[None]] = set()

    def use(self, overrides: Mapping[str, Any]) -> None:
        """Take other settings for the daemon; the next request goes to the daemon of those."""
        if overrides != self._overrides:
            self._start(self.close())
            self._overrides = dict(overrides)
            self._pause = self._not_before = 0.0

    @property
    def ready(self) -> bool:
        """Whether the daemon could answer when it was last heard of."""
        return self._ready

    def wake(self, *, urgent: bool = False) -> "asyncio.Task[None] | None":
        """Have the daemon run, models loaded; None where a failure is too fresh and it is not ``urgent``."""
        if self._waking is None and (urgent or time.monotonic() >= self._not_before):
            self._waking = asyncio.create_task(self._wake())
            self._waking.add_done_callback(self._woken)
        return self._waking

    async def complete(
        self, request: Complete, until: float, on_text: Callable[[str], None] | None = None, *, urgent: bool
    ) -> Done | None:
        """Return the completion, or None where none came by ``until`` (monotonic seconds) for any reason.

        ``on_text`` is given its pieces as they come. An ``urgent`` one tries a daemon again that failed a
        moment ago. Cancelling the task cancels the request in the daemon.
        """
        client = await self._reached(until, urgent=urgent)
        if client is None:
            return None
        try:
            done = await client.complete(request, on_text, max(0.001, until - time.monotonic()))
            self._observer.ready()
            return done
        except RequestSuperseded:
            return None
        except RequestTimeout:
            self.wake()  # shows what it is busy with, if that is loading
        except PacelineError as error:
            if client is self._client:  # else the settings have changed since
                self._trouble(error)
        except OSError as error:
            if client is self._client:
                self._fail(_unreachable(error))
        return None

    def warm(self, request: Warm) -> None:
        """Have a prompt read before it is needed, once the daemon can."""
        self._start(self._warmed(request))

    def tell(self, feedback: Feedback) -> None:
        """Pass on what became of a completion, if the daemon is there; none is started for that."""
        if self._ready and self._client is not None and self._client.connected:
            self._start(_told(self._client, feedback))

    def close(self) -> Coroutine[Any, Any, None]:
        """Leave the daemon, which goes on; what is returned does the leaving."""
        self._ready = False
        waking, self._waking = self._waking, None
        client, self._client = self._client, None
        if waking is not None:
            waking.cancel()  # now, or it may yet end and be taken for the next one
        return _closed(waking, client)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Have ``work`` done beside everything else."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _reached(self, until: float, *, urgent: bool) -> AsyncClient | None:
        """Return the client once the daemon can answer; None where that takes too long or cannot be."""
        if self._ready and self._client is not None and not self._client.connected:
            self._lose()
        if not self._ready:
            waking = self.wake(urgent=urgent)
            if waking is not None:
                await asyncio.wait({waking}, timeout=max(0.0, until - time.monotonic()))
        return self._client if self._ready else None

    async def _warmed(self, request: Warm) -> None:
        client = await self._reached(time.monotonic() + WARM_SECONDS, urgent=False)
        if client is not None:
            with contextlib.suppress(PacelineError, OSError):  # the request it is meant for finds out
                await client.warm(request, WARM_SECONDS)

    async def _wake(self) -> None:
        try:
            await self._load()
        except PacelineError as error:
            self._fail(error)
            return
        except OSError as error:
            self._fail(_unreachable(error))
            return
        self._ready = True
        self._pause = self._not_before = 0.0
        self._observer.ready()

    async def _load(self) -> None:
        """Have the models loaded, in a new daemon where the one we knew is gone."""
        known = self._client is not None
        if self._client is None:
            self._client = AsyncClient(load_settings(self._overrides), spawn=True)
        try:
            await self._client.wait_ready(self._observer.loading)
        except RequestSuperseded:
            pass  # a completion took the place of our wish to load, and loads too
        except DaemonLost:
            if not known:
                raise
            self._observer.lost()
            await self._client.wait_ready(self._observer.loading)

    def _woken(self, task: "asyncio.Task[None]") -> None:
        if self._waking is task:
            self._waking = None
        if not task.cancelled():
            task.result()  # a fault in _wake itself goes to the loop's handler

    def _fail(self, error: PacelineError) -> None:
        self._ready = False
        self._pause = min(max(2 * self._pause, PAUSES[0]), PAUSES[1])
        self._not_before = time.monotonic() + self._pause
        self._observer.failed(error)

    def _trouble(self, error: PacelineError) -> None:
        """A request ended without an answer."""
        if isinstance(error, DaemonLost):
            self._lose()
        elif isinstance(error, RequestError):
            self._observer.failed(error)  # of this request only: the next may be answered
        else:
            self._fail(error)

    def _lose(self) -> None:
        self._ready = False
        self._observer.lost()
        self.wake()


def _unreachable(error: OSError) -> PacelineError:
    return PacelineError(f"the daemon cannot be reached: {error.strerror or error}")


async def _told(client: AsyncClient, feedback: Feedback) -> None:
    with contextlib.suppress(PacelineError, OSError):  # counts of what was lost are no loss
        await client.feedback(feedback)


async def _closed(waking: "asyncio.Task[None] | None", client: AsyncClient | None) -> None:
    if waking is not None:
        await asyncio.wait({waking})
    if client is not None:
        await client.close()
