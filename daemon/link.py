"""One connection of a client to a daemon: a DEALER with CURVE, heartbeats, and a monitor that sees it die.

The socket never reconnects by itself: a connection that is lost takes its requests with it, and whoever wants
another makes a new link. Facts behind the options: zmq_setsockopt(3), zmq_socket_monitor(3).
"""

import itertools
import math
import sys
import time
from typing import Any, TypeVar

import zmq

from .errors import DaemonLost, RequestError, RequestSuperseded
from .paths import Connection
from .protocol import (
    Error,
    Hello,
    Reply,
    Request,
    Superseded,
    Welcome,
    decode_reply,
    encode,
)
from .schema import WIRE_FRAME, ProtocolError

HANDSHAKE_SECONDS = 5.0
NEVER_MS = 3_600_000  # until a reconnect: no link lives that long after a loss
HEARTBEAT_MS = 1000
HEARTBEAT_TIMEOUT_MS = 8000  # a busy machine starves a sound daemon for seconds; a dead one hangs up at once
_GONE = (
    zmq.EVENT_DISCONNECTED
    | zmq.EVENT_CLOSED
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)
MONITORED = zmq.EVENT_HANDSHAKE_SUCCEEDED | _GONE

Answer = TypeVar("Answer", bound=Reply)


def tune(socket: "zmq.Socket[Any]", connection: Connection) -> None:
    """Give a DEALER (sync or asyncio) the options that every client of a daemon uses.

    IMMEDIATE and RECONNECT_IVL -1, which look right here, both make libzmq 4.3.5 drop at a loss what came
    before it and is not read yet: the last replies of a daemon that stops.
    """
    public, secret = zmq.curve_keypair()
    socket.curve_publickey, socket.curve_secretkey = public, secret
    socket.curve_serverkey = connection.server_key.encode()
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RECONNECT_IVL, NEVER_MS)
    socket.setsockopt(zmq.SNDHWM, 0)  # a full queue looks like a lost daemon, and one that starves reads late
    socket.setsockopt(zmq.MAXMSGSIZE, WIRE_FRAME)
    socket.setsockopt(zmq.HANDSHAKE_IVL, int(HANDSHAKE_SECONDS * 1000))
    socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS)


def event_of(frames: list[bytes]) -> int:
    """Return the event in a monitor message: 16 bits, then its value (zmq_socket_monitor(3)).

    zmq.utils.monitor does the same and imports asyncio for it, which a command line has no time for.
    """
    return int.from_bytes(frames[0][:2], sys.byteorder)


def is_loss(event: int) -> bool:
    """Tell whether a monitor event means that the connection is gone or never came."""
    return bool(event & _GONE)


def lost() -> DaemonLost:
    """Return the error of a request whose daemon went away."""
    return DaemonLost("the daemon went away during the request; try again, a new one is started")


def frame_of(request: Request, request_id: int) -> bytes:
    """Return the frame of a request. Raises RequestError where the request is not valid or too large."""
    try:
        return encode(request, request_id)
    except ProtocolError as error:
        raise RequestError(error.code, f"the request cannot be sent: {error.text}") from error


def read_reply(frames: list[bytes]) -> tuple[int, Reply]:
    """Return (id, reply) of a received message. Raises RequestError where it breaks the protocol."""
    try:
        if len(frames) != 1:
            raise ProtocolError("malformed", "a message is one frame")
        return decode_reply(frames[0])
    except ProtocolError as error:
        raise RequestError(error.code, f"the daemon's answer cannot be read: {error.text}") from error


def settle(reply: Reply, wanted: type[Answer]) -> Answer:
    """Return a terminal reply of the wanted kind, or raise what the reply stands for."""
    if isinstance(reply, wanted):
        return reply
    if isinstance(reply, Error):
        raise RequestError(reply.code, reply.text)
    if isinstance(reply, Superseded):
        raise RequestSuperseded
    raise RequestError(
        "unexpected_reply", f"the daemon answered {type(reply).__name__}: stop it and try again"
    )


class Link:
    """A live connection. Use from one thread. ``open`` makes one; every other method may raise DaemonLost."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.alive = False
        self._ids = itertools.count(1)
        self._context = zmq.Context()
        self._socket: zmq.Socket[bytes] = self._context.socket(zmq.DEALER)
        tune(self._socket, connection)
        self._monitor = self._socket.get_monitor_socket(MONITORED)
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._monitor, zmq.POLLIN)

    @classmethod
    def open(cls, connection: Connection) -> "Link | None":
        """Connect and shake hands. Returns None where nobody listens or the peer is not that daemon."""
        link = cls(connection)
        try:
            link._socket.connect(connection.endpoint)
            if link._shaken(time.monotonic() + HANDSHAKE_SECONDS):
                return link
        except zmq.ZMQError:
            pass  # an endpoint that cannot even be named: the connection file is of no use
        link.close()
        return None

    def hello(self, timeout: float) -> Welcome | None:
        """Ask who is there; None where no answer comes within ``timeout`` seconds."""
        wanted = self.send(Hello())
        deadline = time.monotonic() + timeout
        while (message := self.receive(deadline)) is not None:
            if message[0] == wanted:
                return settle(message[1], Welcome)
        return None

    def send(self, request: Request) -> int:
        """Send a request and return its id. Raises RequestError, DaemonLost."""
        request_id = next(self._ids)
        frame = frame_of(request, request_id)
        self._notice()
        try:
            self._socket.send(frame, zmq.NOBLOCK)
        except zmq.Again:
            self.alive = False
        if not self.alive:
            raise lost()
        return request_id

    def receive(self, deadline: float | None) -> tuple[int, Reply] | None:
        """Return the next (id, reply), or None once ``deadline`` (monotonic seconds; None: never) passed.

        Raises DaemonLost as soon as the connection is gone and all that came before is read.
        """
        while True:
            ready = dict(self._poller.poll(_milliseconds_to(deadline)))
            if self._monitor in ready:
                self._notice()
            if self._socket.poll(0):  # asked after the monitor: what came before a loss counts
                return read_reply(self._socket.recv_multipart())
            if not self.alive:
                raise lost()
            if not ready:
                return None

    def check(self) -> bool:
        """Tell whether the connection still stands, as far as is known without asking."""
        if self.alive:
            self._notice()
        return self.alive

    def close(self, linger: float = 0.0) -> None:
        """Close, once or more; what was sent last gets ``linger`` seconds to leave."""
        if self._socket.closed:
            return
        self.alive = False
        self._socket.disable_monitor()
        self._monitor.close()
        self._socket.close(int(linger * 1000))
        self._context.term()

    def _notice(self) -> None:
        while self._monitor.poll(0):
            if is_loss(event_of(self._monitor.recv_multipart())):
                self.alive = False

    def _shaken(self, deadline: float) -> bool:
        if self._monitor.poll(_milliseconds_to(deadline)):
            event = event_of(self._monitor.recv_multipart())
            self.alive = event == zmq.EVENT_HANDSHAKE_SUCCEEDED
        return self.alive


def _milliseconds_to(deadline: float | None) -> int | None:
    return None if deadline is None else max(0, math.ceil((deadline - time.monotonic()) * 1000))
