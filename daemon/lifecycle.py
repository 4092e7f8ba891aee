"""Finding a daemon and, where there is none, starting one: lock, try again, spawn, wait, connect.

Many clients may do this at once; the spawn lock lets one of them start the daemon and the others wait.
"""

import contextlib
import os
import time
from collections.abc import Callable

from . import spawn
from .errors import DaemonFailed, DaemonLost, DaemonNotRunning, DaemonUnresponsive, RequestError
from .link import Link
from .paths import Places, places, read_connection, take_lock, try_lock
from .settings import Settings

HELLO_SECONDS = 5.0
BACKOFF_SECONDS = (0.02, 0.4)  # first and longest pause of a client that waits for another's daemon

Progress = Callable[[str, float], None]


def connect(settings: Settings, *, start: bool = True) -> Link:
    """Return a link to the daemon of these settings, starting one where ``start`` allows.

    Raises DaemonNotRunning, DaemonUnresponsive, DaemonFailed, RuntimeDirError. Does not wait for models.
    """
    where = places(settings)
    link = _reach(where)
    if link is not None:
        return link
    if start:
        return _start(settings, where)
    if is_running(where):
        raise unresponsive(where)
    raise DaemonNotRunning(
        "no daemon runs with these settings: any completion or `paceline serve` starts one"
    )


def is_running(where: Places) -> bool:
    """Tell whether a daemon process holds the lock, whether it answers or not."""
    with try_lock(where.lock) as free:
        return not free


def _reach(where: Places) -> Link | None:
    """Return a link to the daemon that the connection file names, if it answers as that daemon."""
    connection = read_connection(where)
    link = Link.open(connection) if connection is not None else None
    if link is None or connection is None:
        return None
    with contextlib.suppress(DaemonLost, RequestError):
        welcome = link.hello(HELLO_SECONDS)
        if welcome is not None and (welcome.pid, welcome.key) == (connection.pid, where.key):
            return link
    link.close()
    return None


def _start(settings: Settings, where: Places) -> Link:
    deadline = time.monotonic() + settings.start_timeout
    pause = BACKOFF_SECONDS[0]
    while time.monotonic() < deadline:
        with try_lock(where.spawn_lock) as mine:
            link = _reach(where)
            if link is None and mine:
                link = _spawn(settings, where, deadline)
        if link is not None:
            return link
        time.sleep(pause)
        pause = min(2 * pause, BACKOFF_SECONDS[1])
    if is_running(where):
        raise unresponsive(where)
    raise DaemonFailed(f"no daemon came up within {settings.start_timeout:g} s; see {where.log}")


def _spawn(settings: Settings, where: Places, deadline: float) -> Link | None:
    """Start a daemon under the spawn lock. None where a process holds the daemon's lock already."""
    if not _clear_remains(where):
        return None
    spawn.check_breaker(where)
    said = spawn.launch(settings, where, deadline)
    if said.state == "failed":
        text = f"the daemon did not start: {said.text}; see {where.log}"
        raise DaemonFailed(text, code=said.code or None)
    return _reach(where)


def _clear_remains(where: Places) -> bool:
    """Put a daemon that died without cleaning up on the crash record, and remove its connection file.

    False where nothing is to be cleared, since the daemon's process lives.
    """
    held = take_lock(where.lock)
    if held is None:
        return False
    try:
        if where.connection.exists():
            spawn.record_crash(where, f"it was killed or crashed ({spawn.last_words(where)})")
            where.connection.unlink()
    finally:
        os.close(held)
    return True


def unresponsive(where: Places) -> DaemonUnresponsive:
    """Return the error of a daemon whose process lives and does not answer."""
    connection = read_connection(where)
    who = f"process {connection.pid}" if connection is not None else "a process that is still starting"
    return DaemonUnresponsive(f"the daemon ({who}) does not answer: end that process and try again")
