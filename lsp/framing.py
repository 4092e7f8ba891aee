"""Messages out of a byte stream: ``Content-Length`` headers with limits, and a way back after garbage.

The base protocol of LSP 3.18. Header names may have any case, other headers are passed over. Whatever cannot
be a message is skipped up to the next ``Content-Length`` header, which no JSON text holds: a line end in one
is written with a backslash.
"""

import logging
import re

log = logging.getLogger(__name__)

MAX_HEADER = 4096  # bytes
MAX_BODY = 64 << 20

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,20})[ \t]*\r\n", re.IGNORECASE)
_END = b"\r\n\r\n"


class Framer:
    """Cuts what is fed into the bodies of messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._wanted: int | None = None

    def feed(self, data: bytes) -> None:
        """Take in what came from the stream."""
        self._buffer += data

    def next(self) -> bytes | None:
        """Return the next body; None where more of the stream is needed."""
        while self._wanted is None:
            if not self._read_header():
                return None
        if len(self._buffer) < self._wanted:
            return None
        with memoryview(self._buffer) as view:
            body = bytes(view[: self._wanted])
        del self._buffer[: self._wanted]
        self._wanted = None
        return body

    def give_back(self, body: bytes) -> None:
        """Take back a body that was no message: its length may be wrong, and a header may begin inside it."""
        self._buffer[:0] = body

    def _read_header(self) -> bool:
        """Read one header block; False where it is not all there."""
        end = self._buffer.find(_END)
        if end < 0:
            if len(self._buffer) > MAX_HEADER:
                log.warning("passed over %d bytes that are no header", len(self._buffer) - MAX_HEADER // 2)
                del self._buffer[: -MAX_HEADER // 2]
            return False
        lengths = _LENGTH.findall(self._buffer, max(0, end - MAX_HEADER), end + 2)
        del self._buffer[: end + len(_END)]
        if lengths and int(lengths[-1]) <= MAX_BODY:
            self._wanted = int(lengths[-1])
        else:
            log.warning("passed over a header without a length, or with one over %d bytes", MAX_BODY)
        return True
