"""Standard input and output as the client's two pipes, and nobody else's.

Whatever else in this process writes to standard output, a library in C among them, reaches standard error.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

PIECE = 1 << 16  # bytes


def take_stdout() -> BinaryIO:
    """Return the way to the client; from now on file 1 and ``sys.stdout`` are standard error."""
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return ours


class Outlet:
    """Writes messages whole; tells ``on_lost`` once when the client no longer reads."""

    def __init__(self, stream: BinaryIO, on_lost: Callable[[], None]) -> None:
        self._stream = stream
        self._on_lost = on_lost
        self._lost = False

    def write(self, data: bytes) -> None:
        """Send one message."""
        if self._lost:
            return
        try:
            self._stream.write(data)
            self._stream.flush()
        except OSError:
            self._lost = True
            self._on_lost()

    def close(self) -> None:
        """Nothing to do: the process ends soon after."""


def read_stdin(
    loop: asyncio.AbstractEventLoop, feed: Callable[[bytes], None], end: Callable[[], None]
) -> None:
    """Have ``feed`` called in ``loop`` with what comes in, and ``end`` after the last of it.

    A thread reads whether or not the loop is busy, so that client and server never both wait to write.
    """

    def read() -> None:
        try:
            while data := os.read(0, PIECE):
                loop.call_soon_threadsafe(feed, data)
        except OSError:
            pass  # a pipe that cannot be read has ended
        loop.call_soon_threadsafe(end)

    threading.Thread(target=read, name="stdin", daemon=True).start()
