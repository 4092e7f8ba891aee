"""Sending replies without ever waiting for a reader: what a slow client cannot take now is kept a while.

With ROUTER_MANDATORY a send tells EAGAIN for a full pipe and EHOSTUNREACH for a client that is gone.
"""

import errno
import time
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import zmq

KEPT_FRAMES = 1024  # each a whole answer: a client as starved as we are asks that much before it reads again
KEPT_SECONDS = 10.0


class Sent(Enum):
    """What became of a frame: on its way, kept for later, refused by a slow reader, no such client."""

    OUT = auto()
    KEPT = auto()
    STALLED = auto()
    GONE = auto()


@dataclass(slots=True)
class _Backlog:
    frames: deque[bytes] = field(default_factory=deque)
    since: float = field(default_factory=time.monotonic)


class Outbox:
    """The sending side of the ROUTER."""

    def __init__(self, socket: "zmq.Socket[Any]") -> None:
        self._socket = socket
        self._backlogs: dict[bytes, _Backlog] = {}

    @property
    def waiting(self) -> bool:
        """Tell whether any client has frames that wait."""
        return bool(self._backlogs)

    def send(self, client: bytes, frame: bytes, *, keep: bool) -> Sent:
        """Send a frame, in order. What the client cannot take now waits with ``keep``, else is refused."""
        backlog = self._backlogs.get(client)
        sent = Sent.STALLED if backlog is not None else self._try(client, frame)
        if sent is not Sent.STALLED or not keep:
            return sent
        if backlog is None:
            backlog = self._backlogs[client] = _Backlog()
        backlog.frames.append(frame)
        return Sent.KEPT

    def flush(self) -> list[bytes]:
        """Try what waits. Returns the clients that are gone or read nothing for too long."""
        given_up = [client for client in list(self._backlogs) if not self._flush(client)]
        for client in given_up:
            del self._backlogs[client]
        return given_up

    def _flush(self, client: bytes) -> bool:
        """Send what waits for one client; False where there is no hope for it."""
        backlog = self._backlogs[client]
        while backlog.frames:
            sent = self._try(client, backlog.frames[0])
            if sent is not Sent.OUT:
                too_old = time.monotonic() - backlog.since > KEPT_SECONDS
                return sent is not Sent.GONE and not too_old and len(backlog.frames) <= KEPT_FRAMES
            backlog.frames.popleft()
            backlog.since = time.monotonic()
        del self._backlogs[client]
        return True

    def _try(self, client: bytes, frame: bytes) -> Sent:
        try:
            self._socket.send_multipart([client, frame], zmq.NOBLOCK)
        except zmq.Again:
            return Sent.STALLED
        except zmq.ZMQError as error:
            if error.errno != errno.EHOSTUNREACH:
                raise
            return Sent.GONE
        return Sent.OUT
