"""``paceline lsp``: the server on standard input and output, until the client leaves."""

import asyncio
import contextlib
import ctypes
import logging
import os
import sys
from typing import Any, BinaryIO, NoReturn

from ..daemon.logs import outline
from .framing import Framer
from .server import PacelineServer
from .stdio import Outlet, read_stdin, take_stdout
from .watchdog import is_alive, wait_for_end_of

log = logging.getLogger(__name__)

PARTING_SECONDS = 0.5  # for cancels to reach the daemon
LARGE_BLOCK = 512 << 10  # bytes
_MMAP_THRESHOLD = -3  # of mallopt(3)


def run() -> NoReturn:
    """Serve one client and end the process: with 0 if the client said goodbye, else with 1."""
    stdout = take_stdout()
    _return_large_blocks()
    _start_log()
    asyncio.run(_serve(stdout))


def _return_large_blocks() -> None:
    """Have the C library give large freed blocks back (Linux): a file of megabytes leaves several copies."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            library.mallopt(_MMAP_THRESHOLD, LARGE_BLOCK)


class _Session:
    """One client's stream of messages, from the first to the reason to end."""

    def __init__(self, server: PacelineServer) -> None:
        self._wire = server.protocol
        self._framer = Framer()
        self._loop = asyncio.get_running_loop()
        self._over = False
        self._watching: asyncio.Task[None] | None = None
        self.ended: asyncio.Future[int] = self._loop.create_future()
        server.on_begin = self._begin
        self._wire.on_exit = self.end

    def end(self, code: int) -> None:
        """Have the process end with this status."""
        if not self.ended.done():
            self.ended.set_result(code)

    def feed(self, data: bytes) -> None:
        """Handle what came from the client."""
        self._framer.feed(data)
        self._take()

    def finish(self) -> None:
        """End when all that came is handled: the client has closed its side."""
        self._over = True
        self._take()

    def _take(self) -> None:
        if self.ended.done():
            return
        body = self._framer.next()
        if body is not None:
            try:
                if not self._wire.receive(body):
                    self._framer.give_back(body)
            finally:
                self._loop.call_soon(self._take)  # a request that begins now sees no later message's change
        elif self._over:
            self.end(self._wire.exit_code)

    def _begin(self, process_id: int | None) -> None:
        """Watch the client's process, if it can be seen from here."""
        if process_id is not None and process_id > 0 and is_alive(process_id):
            self._watching = asyncio.create_task(self._watch(process_id))

    async def _watch(self, process_id: int) -> None:
        await wait_for_end_of(process_id)
        self.end(1)


async def _serve(stdout: BinaryIO) -> NoReturn:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_fault)
    server = PacelineServer()
    session = _Session(server)
    server.protocol.set_writer(Outlet(stdout, lambda: session.end(1)))
    read_stdin(loop, session.feed, session.finish)
    code = await session.ended
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PARTING_SECONDS):
            await server.completions.close()
            await server.backend.close()
    sys.stderr.flush()
    os._exit(code)  # a thread may be waiting for a daemon to start, which the client need not


def _log_fault(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log a fault nobody waited for, without its message, which may quote source text."""
    error = context.get("exception")
    log.error("fault: %s", outline(error) if error is not None else context.get("message"))


def _start_log() -> None:
    """Log to standard error, our own words only: pygls logs what clients send."""
    logging.raiseExceptions = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    ours = logging.getLogger(__package__)
    ours.addHandler(handler)
    ours.setLevel(logging.WARNING)
    ours.propagate = False
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)
