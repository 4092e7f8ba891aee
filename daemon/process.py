"""The daemon process: what surrounds the service from its first to its last moment.

Limits, log, lock, socket, engine thread, signals; and at the end everything given back in the reverse order.
"""

import contextlib
import faulthandler
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator

import zmq

from .errors import PacelineError
from .listener import listen
from .logs import outline, start_log
from .opening import open_engine
from .paths import Places, places, remove_own, take_lock, write_connection
from .service import Service, waker
from .settings import Settings
from .spawn import Report, report
from .worker import EngineFactory, Worker

LOCK_SECONDS = 0.5  # a client may probe the lock at the very moment we want it
ENGINE_SECONDS = 3.0
ENDLESS_FILES = 10_240  # what every system grants where it names no limit
BUG_EXIT = 70  # EX_SOFTWARE
PARTING_MS = 300  # for the last replies to leave
SWITCH_SECONDS = 0.001  # the engine's thread must not hold up the socket's for Python's usual 5 ms

log = logging.getLogger(__name__)


def serve(
    settings: Settings, *, ready: int | None = None, engine_factory: EngineFactory = open_engine
) -> int:
    """Run the daemon of these settings until it is stopped, and return the exit code.

    ``ready`` is the readiness pipe of a detached daemon; without it the log goes to standard error too.
    Raises PacelineError "already_running", RuntimeDirError, OSError.
    """
    _harden()
    where = places(settings)
    lock = _lock(where)
    if lock is None:
        if ready is None:
            text = "a daemon with these settings runs already: use it, or `paceline stop` it first"
            raise PacelineError(text, code="already_running")
        report(ready, Report("held"))
        return 0
    start_log(where.log, settings.log_level, console=ready is None)
    threading.excepthook = _log_thread_error
    try:
        code = _serve(settings, where, ready, engine_factory)
    finally:
        os.close(lock)
    log.info("stopped with code %d", code)
    return code


def _serve(settings: Settings, where: Places, ready: int | None, engine_factory: EngineFactory) -> int:
    """Bind, publish, serve, and take everything down again; the lock is held around this."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    listener = listen(context, where, settings.transport)
    worker = Worker(settings, engine_factory, context)
    wake = waker(context)
    worker.start()
    try:
        write_connection(where, listener.connection)
        if ready is not None:
            report(ready, Report("ready"))
        with _signals(detached=ready is not None) as signals:
            code = Service(settings, where, listener, worker, wake).run(signals)
    except Exception as error:  # noqa: BLE001  (its message may quote source text and must not be printed)
        log.critical("the service failed: %s", outline(error))
        code = BUG_EXIT
    finally:
        remove_own(where)
        listener.socket.close(PARTING_MS)
        stopped = worker.stop(ENGINE_SECONDS)
        wake.close(0)
    if not stopped:
        sys.stderr.write("the engine did not stop in time; the process ends without it\n")
        os._exit(code)
    context.term()
    return code


def _lock(where: Places) -> int | None:
    deadline = time.monotonic() + LOCK_SECONDS
    while (lock := take_lock(where.lock)) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return lock


def _harden() -> None:
    """Private files, no core dumps (they would hold source text), all the descriptors we may have."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    soft = ENDLESS_FILES if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    faulthandler.enable()
    sys.setswitchinterval(SWITCH_SECONDS)


def _log_thread_error(death: threading.ExceptHookArgs) -> None:
    """Log how a thread died, without the message, which may quote source text."""
    if death.exc_value is not None:
        log.critical("a thread died: %s", outline(death.exc_value))


@contextlib.contextmanager
def _signals(*, detached: bool) -> Iterator[int]:
    """Give a descriptor that becomes readable at SIGTERM, SIGINT, and, unless detached, SIGHUP."""
    receive, send = socket.socketpair()
    receive.setblocking(False)
    send.setblocking(False)
    with receive, send:
        before = signal.set_wakeup_fd(send.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if detached else lambda *_: None)
        try:
            yield receive.fileno()
        finally:
            signal.set_wakeup_fd(before)
