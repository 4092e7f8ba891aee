"""The daemon's socket: a ROUTER with CURVE that only we may reach, and the proof that it is still ours.

On ipc the listening socket is bound here, 0600, and handed to libzmq, whose own bind would replace the socket
of a daemon that runs (zmq_ipc(7)). The caller holds the daemon's lock.
"""

import os
import socket
from dataclasses import dataclass
from typing import Any

import zmq

from .errors import RuntimeDirError
from .paths import Connection, Places, private_directory, read_connection
from .schema import WIRE_FRAME

BACKLOG = 128
RECEIVE_FRAMES = 16
SEND_FRAMES = 64
HANDSHAKE_MS = 2000


@dataclass(frozen=True, slots=True)
class Listener:
    """A bound ROUTER and how to reach it. ``inode`` is (device, inode) of the socket file, None on TCP."""

    socket: "zmq.Socket[Any]"
    connection: Connection
    inode: tuple[int, int] | None

    def is_ours(self, where: Places) -> bool:
        """Tell whether socket and connection file are still those of this process."""
        try:
            private_directory(where.directory)
            return read_connection(where) == self.connection and _inode(where, self.inode) == self.inode
        except (OSError, RuntimeDirError):
            return False


def listen(context: "zmq.Context[Any]", where: Places, transport: str) -> Listener:
    """Bind and return the listener. ``transport`` "auto" takes ipc where it exists, else loopback TCP.

    Raises OSError where the address cannot be bound; nothing is left open then.
    """
    router: zmq.Socket[Any] = context.socket(zmq.ROUTER)
    try:
        server_key = _tune(router)
        use_ipc = transport == "ipc" or (transport == "auto" and zmq.has("ipc"))
        endpoint = _bind_ipc(router, where) if use_ipc else _bind_tcp(router)
        connection = Connection(where.key, os.getpid(), endpoint, server_key)
        return Listener(router, connection, _inode(where, (0, 0) if use_ipc else None))
    except zmq.ZMQError as error:
        router.close(0)
        raise OSError(error.errno, error.strerror) from error
    except OSError:
        router.close(0)
        raise


def _tune(router: "zmq.Socket[Any]") -> str:
    """Set the options and return the public key."""
    public, secret = zmq.curve_keypair()
    router.curve_server = True
    router.curve_secretkey = secret
    router.setsockopt(zmq.MAXMSGSIZE, WIRE_FRAME)
    router.setsockopt(zmq.RCVHWM, RECEIVE_FRAMES)
    router.setsockopt(zmq.SNDHWM, SEND_FRAMES)
    router.setsockopt(zmq.ROUTER_MANDATORY, 1)
    router.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
    router.setsockopt(zmq.LINGER, 0)
    return public.decode()


def _bind_ipc(router: "zmq.Socket[Any]", where: Places) -> str:
    where.socket.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        mask = os.umask(0o177)
        try:
            listening.bind(str(where.socket))
        finally:
            os.umask(mask)
        listening.listen(BACKLOG)
        if hasattr(socket, "SO_PEERCRED"):
            router.setsockopt(zmq.IPC_FILTER_UID, os.geteuid())
        router.setsockopt(zmq.USE_FD, listening.detach())
    endpoint = f"ipc://{where.socket}"
    router.bind(endpoint)
    return endpoint


def _bind_tcp(router: "zmq.Socket[Any]") -> str:
    router.bind("tcp://127.0.0.1:*")
    return router.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")


def _inode(where: Places, on_disk: tuple[int, int] | None) -> tuple[int, int] | None:
    if on_disk is None:
        return None
    found = where.socket.lstat()
    return found.st_dev, found.st_ino
