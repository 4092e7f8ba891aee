"""The client for asyncio: several requests at once on one connection, cancelled with their tasks.

One task reads the socket and hands each reply to the request it belongs to. Otherwise as :mod:`client`, whose
errors it raises.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any

import zmq
import zmq.asyncio

from . import lifecycle
from .client import CONTROL_SECONDS, PROGRESS_SECONDS
from .errors import DaemonLost, PacelineError, RequestError, RequestTimeout
from .lifecycle import Progress
from .link import HANDSHAKE_SECONDS, MONITORED, event_of, frame_of, is_loss, lost, read_reply, settle, tune
from .paths import Connection
from .protocol import (
    Cancel,
    Complete,
    Done,
    Feedback,
    GetStatus,
    Hello,
    Ok,
    Partial,
    Reply,
    Request,
    Status,
    Warm,
    Welcome,
)
from .settings import Settings

Heard = asyncio.Queue[Reply | PacelineError]


class _Wire:
    """One connection inside an event loop. It never reconnects."""

    def __init__(self, connection: Connection) -> None:
        self.alive = False
        self._calls: dict[int, Heard] = {}
        self._ids = itertools.count(1)
        self._context = zmq.asyncio.Context()
        self._socket: zmq.asyncio.Socket = self._context.socket(zmq.DEALER)
        tune(self._socket, connection)
        self._monitor: Any = self._socket.get_monitor_socket(MONITORED)
        self._settled = asyncio.Event()
        self._socket.connect(connection.endpoint)
        self._reader = asyncio.create_task(self._read())

    async def ready(self) -> bool:
        """Wait for the handshake; False where it does not come."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._settled.wait(), HANDSHAKE_SECONDS)
        return self.alive

    async def call(
        self, request: Request, timeout: float | None, on_partial: Callable[[str], None] | None = None
    ) -> Reply:
        """Send a request and return its terminal reply; if its task is cancelled, the request is too."""
        request_id = next(self._ids)
        frame = frame_of(request, request_id)
        heard = self._calls[request_id] = Heard()
        try:
            async with contextlib.AsyncExitStack() as undo:
                undo.push_async_callback(self._give_up, request_id)
                await self._send(frame)
                async with asyncio.timeout(timeout):
                    reply = await _terminal(heard, on_partial)
                undo.pop_all()
        except TimeoutError as error:
            raise RequestTimeout(f"no answer within {timeout:g} s; the request was cancelled") from error
        finally:
            del self._calls[request_id]
        return reply

    async def close(self) -> None:
        """Close; requests under way end with DaemonLost."""
        if self._socket.closed:
            return
        self._lose(lost())
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        self._socket.disable_monitor()
        self._monitor.close(0)
        self._socket.close(0)
        self._context.term()

    async def _send(self, frame: bytes) -> None:
        if not self.alive:
            raise lost()
        try:
            await self._socket.send(frame, zmq.NOBLOCK)  # ends at once, sent or refused
        except zmq.Again as error:
            self.alive = False
            raise lost() from error

    async def _give_up(self, request_id: int) -> None:
        with contextlib.suppress(DaemonLost):
            await self._send(frame_of(Cancel(request_id), next(self._ids)))

    async def _read(self) -> None:
        poller = zmq.asyncio.Poller()
        poller.register(self._socket, zmq.POLLIN)
        poller.register(self._monitor, zmq.POLLIN)
        while True:
            ready = dict(await poller.poll())
            gone = self._monitor in ready and await self._is_lost()
            while await self._socket.poll(0):  # asked after the monitor: what came before a loss counts
                self._hear(await self._socket.recv_multipart())
            if gone:
                self._lose(lost())
                return

    def _hear(self, frames: list[bytes]) -> None:
        try:
            request_id, reply = read_reply(frames)
        except RequestError as error:
            self._lose(error)
            return
        if request_id in self._calls:
            self._calls[request_id].put_nowait(reply)

    async def _is_lost(self) -> bool:
        event = event_of(await self._monitor.recv_multipart())
        self.alive = event == zmq.EVENT_HANDSHAKE_SUCCEEDED
        self._settled.set()
        return is_loss(event)

    def _lose(self, error: PacelineError) -> None:
        self.alive = False
        for heard in self._calls.values():
            heard.put_nowait(error)


async def _terminal(heard: Heard, on_partial: Callable[[str], None] | None) -> Reply:
    while True:
        reply = await heard.get()
        if isinstance(reply, PacelineError):
            raise reply
        if not isinstance(reply, Partial):
            return reply
        if on_partial is not None:
            on_partial(reply.text)


class AsyncClient:
    """A connection to the daemon of some settings, for one event loop. Close it, or use ``async with``.

    A daemon that dies is replaced at the next request; requests under way give DaemonLost.
    """

    def __init__(self, settings: Settings, *, spawn: bool) -> None:
        self.settings = settings
        self._spawn = spawn
        self._wire: _Wire | None = None
        self._connecting = asyncio.Lock()

    @classmethod
    async def connect(
        cls, settings: Settings, *, spawn: bool = True, progress: Progress | None = None
    ) -> "AsyncClient":
        """Reach the daemon as ``Client.connect`` does, with the same errors."""
        client = cls(settings, spawn=spawn)
        await client._connected()
        if progress is None:
            return client
        async with contextlib.AsyncExitStack() as undo:
            undo.push_async_callback(client.close)
            await client.wait_ready(progress)
            undo.pop_all()
        return client

    @property
    def connected(self) -> bool:
        """Whether the connection stands, as far as is known; the next request makes one where it does not."""
        return self._wire is not None and self._wire.alive

    async def complete(
        self,
        request: Complete,
        on_partial: Callable[[str], None] | None = None,
        timeout: float | None = None,
    ) -> Done:
        """Return the completion; with ``on_partial``, hand over its pieces as they come.

        Cancelling the task cancels the request. Raises as ``Client.complete``.
        """
        if on_partial is not None:
            request = replace(request, stream=True)
        return settle(await self._call(request, timeout, on_partial), Done)

    async def warm(self, request: Warm, timeout: float | None = None) -> None:
        """Have the models loaded and, if it is not empty, the prompt prefilled."""
        settle(await self._call(request, timeout), Ok)

    async def wait_ready(self, progress: Progress) -> None:
        """Have the models loaded, telling (stage, fraction) as that goes on."""
        loading = asyncio.create_task(self.warm(Warm()))
        try:
            while not (await asyncio.wait([loading], timeout=PROGRESS_SECONDS))[0]:
                welcome = await self.hello()
                progress(welcome.stage, welcome.fraction)
        finally:
            loading.cancel()
        await loading

    async def feedback(self, request: Feedback) -> None:
        """Tell what became of a completion."""
        settle(await self._call(request, CONTROL_SECONDS), Ok)

    async def hello(self) -> Welcome:
        """Ask who the daemon is and in what state."""
        return settle(await self._call(Hello(), CONTROL_SECONDS), Welcome)

    async def status(self) -> Status:
        """Ask for one screen of state."""
        return settle(await self._call(GetStatus(), CONTROL_SECONDS), Status)

    async def close(self) -> None:
        """Leave; the daemon goes on."""
        if self._wire is not None:
            await self._wire.close()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _call(
        self, request: Request, timeout: float | None, on_partial: Callable[[str], None] | None = None
    ) -> Reply:
        wire = await self._connected()
        return await wire.call(request, timeout, on_partial)

    async def _connected(self) -> _Wire:
        async with self._connecting:
            if self._wire is not None and self._wire.alive:
                return self._wire
            await self.close()
            connection = await asyncio.to_thread(_reach, self.settings, spawn=self._spawn)
            self._wire = _Wire(connection)
            if not await self._wire.ready():
                raise lost()
            return self._wire


def _reach(settings: Settings, *, spawn: bool) -> Connection:
    """Find or start the daemon, in a thread of its own."""
    link = lifecycle.connect(settings, start=spawn)
    link.close()
    return link.connection
