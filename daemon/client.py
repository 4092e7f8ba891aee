"""The client, for code that may wait: a completion is one call.

Finds or starts the daemon, sends one request at a time, and turns every way in which that can fail into one
error of :mod:`errors`. Imports no model code.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType

from . import lifecycle
from .errors import DaemonLost, RequestTimeout
from .lifecycle import Progress
from .link import Link, settle
from .paths import places
from .protocol import (
    Cancel,
    Complete,
    Done,
    Feedback,
    GetMetrics,
    GetStatus,
    Hello,
    Metrics,
    Ok,
    Partial,
    Reply,
    Request,
    Status,
    Stop,
    Warm,
    Welcome,
)
from .settings import Settings

PROGRESS_SECONDS = 0.1
CONTROL_SECONDS = 10.0
STOP_SECONDS = 20.0
PARTING_SECONDS = 0.1  # for a last cancel to leave


class Client:
    """A connection to the daemon of some settings. Use from one thread; close it, or use ``with``.

    A daemon that dies between two requests is replaced without a word; one that dies during a request gives
    DaemonLost, and the next request starts a new one.
    """

    def __init__(self, settings: Settings, link: Link, *, spawn: bool) -> None:
        self.settings = settings
        self._spawn = spawn
        self._link = link

    @classmethod
    def connect(cls, settings: Settings, *, spawn: bool = True, progress: Progress | None = None) -> "Client":
        """Reach the daemon, starting it unless ``spawn`` is false.

        With ``progress``, wait until the models are loaded and call it with (stage, fraction) meanwhile.
        Raises DaemonNotRunning, DaemonUnresponsive, DaemonFailed, RuntimeDirError; with ``progress`` also
        RequestError with the code and text of a model that cannot be loaded.
        """
        client = cls(settings, lifecycle.connect(settings, start=spawn), spawn=spawn)
        if progress is None:
            return client
        with contextlib.ExitStack() as undo:
            undo.callback(client.close)
            client.wait_ready(progress)
            undo.pop_all()
        return client

    def complete(
        self,
        request: Complete,
        on_partial: Callable[[str], None] | None = None,
        timeout: float | None = None,
    ) -> Done:
        """Return the completion; with ``on_partial``, hand over its pieces as they come.

        ``timeout`` in seconds; None waits as long as the daemon lives. A timeout, and anything that
        ``on_partial`` raises, cancels the request. Raises RequestError, RequestSuperseded, RequestTimeout,
        DaemonLost.
        """
        if on_partial is not None:
            request = replace(request, stream=True)
        return settle(self._call(request, timeout, on_partial), Done)

    def warm(self, request: Warm, timeout: float | None = None) -> None:
        """Have the models loaded and, if it is not empty, the prompt prefilled. Raises as ``complete``."""
        settle(self._call(request, timeout), Ok)

    def wait_ready(self, progress: Progress) -> None:
        """Have the models loaded, telling (stage, fraction) as that goes on. Raises as ``complete``."""
        link = self._connected()
        wanted = link.send(Warm())
        while True:
            message = link.receive(time.monotonic() + PROGRESS_SECONDS)
            if message is None:
                link.send(Hello())
            elif message[0] == wanted:
                settle(message[1], Ok)
                return
            elif isinstance(message[1], Welcome):
                progress(message[1].stage, message[1].fraction)

    def feedback(self, request: Feedback) -> None:
        """Tell what became of a completion."""
        settle(self._call(request, CONTROL_SECONDS), Ok)

    def hello(self) -> Welcome:
        """Ask who the daemon is and in what state."""
        return settle(self._call(Hello(), CONTROL_SECONDS), Welcome)

    def status(self) -> Status:
        """Ask for one screen of state."""
        return settle(self._call(GetStatus(), CONTROL_SECONDS), Status)

    def metrics(self) -> Metrics:
        """Ask for the counters."""
        return settle(self._call(GetMetrics(), CONTROL_SECONDS), Metrics)

    def stop(self) -> None:
        """Stop the daemon and wait until its process let go of its lock. Raises RequestTimeout."""
        with contextlib.suppress(DaemonLost):
            settle(self._call(Stop(), CONTROL_SECONDS), Ok)
        self.close()
        where = places(self.settings)
        deadline = time.monotonic() + STOP_SECONDS
        while lifecycle.is_running(where):
            if time.monotonic() > deadline:
                raise RequestTimeout(f"the daemon agreed to stop and still runs; see {where.log}")
            time.sleep(0.02)

    def close(self) -> None:
        """Leave; the daemon goes on."""
        self._link.close(PARTING_SECONDS)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _connected(self) -> Link:
        if not self._link.check():
            self._link.close()
            self._link = lifecycle.connect(self.settings, start=self._spawn)
        return self._link

    def _call(
        self, request: Request, timeout: float | None, on_partial: Callable[[str], None] | None = None
    ) -> Reply:
        """Send a request and return its terminal reply."""
        deadline = None if timeout is None else time.monotonic() + timeout
        link = self._connected()
        wanted = link.send(request)
        with contextlib.ExitStack() as undo:
            undo.callback(self._give_up, link, wanted)
            while (message := link.receive(deadline)) is not None:
                if message[0] != wanted:
                    continue
                if not isinstance(message[1], Partial):
                    undo.pop_all()
                    return message[1]
                if on_partial is not None:
                    on_partial(message[1].text)
            raise RequestTimeout(f"no answer within {timeout:g} s; the request was cancelled")

    def _give_up(self, link: Link, request_id: int) -> None:
        with contextlib.suppress(DaemonLost):
            link.send(Cancel(request_id))
