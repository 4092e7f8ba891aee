"""``paceline lsp``: the server on standard input and output, until the client leaves."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn

from ..daemon.logs import outline
from .framing import Framer
from .server import PacelineServer
from .stdio import Outlet, read_stdin, take_stdout
from .watchdog import is_alive, wait_for_end_of

log = logging.getLogger(__name__)

PARTING_SECONDS = 0.5  # for cancels to reach the daemon


def run() -> NoReturn:
    """Serve one client and end the process: with 0 if the client said goodbye, else with 1."""
    stdout = take_stdout()
    _start_log()
    asyncio.run(_serve(stdout))
    raise SystemExit(1)


async def _serve(stdout: BinaryIO) -> NoReturn:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_fault)
    server = PacelineServer()
    wire, framer = server.protocol, Framer()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def feed(data: bytes) -> None:
        framer.feed(data)
        take()

    def take() -> None:
        body = framer.next()
        if body is not None and not ended.done():
            loop.call_soon(take)  # before anything can go wrong with this one
            if not wire.receive(body):
                framer.give_back(body)

    watching: list[asyncio.Task[None]] = []

    def begin(process_id: int | None) -> None:
        if process_id is not None and process_id > 0 and is_alive(process_id):
            watching.append(asyncio.create_task(_watch(process_id, end)))

    server.on_begin = begin
    wire.on_exit = end
    wire.set_writer(Outlet(stdout, lambda: end(1)))
    read_stdin(loop, feed, lambda: end(wire.exit_code))
    code = await ended
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PARTING_SECONDS):
            await server.completions.close()
            await server.backend.close()
    sys.stderr.flush()
    os._exit(code)  # a thread may be waiting for a daemon to start, which the client need not


async def _watch(process_id: int, end: Callable[[int], None]) -> None:
    """End with the client's process."""
    await wait_for_end_of(process_id)
    end(1)


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
