"""A runtime directory of a test's own, the daemons in it, and what they leave behind."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...daemon.client import Client
from ...daemon.link import Link
from ...daemon.paths import Connection, Places, places, read_connection, try_lock
from ...daemon.protocol import Complete
from ...daemon.settings import Settings, load_settings
from .engine import LoadScript, Script

SECONDS = 20  # the most that anything here may take


@dataclass(frozen=True)
class Home:
    """All files of a test's daemons lie in ``folder``."""

    folder: Path
    links: list[Link] = field(default_factory=list)

    @property
    def runtime(self) -> Path:
        """The runtime directory."""
        return self.folder / "run"

    @property
    def script(self) -> Path:
        """The load script that the scripted engine reads; it is the ``target`` setting too."""
        return self.folder / "load.json"

    def settings(self, **overrides: Any) -> Settings:
        """Settings that lead here."""
        values = {"runtime_dir": str(self.runtime), "target": str(self.script), "start_timeout": SECONDS}
        return load_settings(values | overrides)

    def places(self, **overrides: Any) -> Places:
        """The files of the daemon of ``settings(**overrides)``."""
        return places(self.settings(**overrides))

    def connect(self, **overrides: Any) -> Client:
        """A client, its daemon started if need be."""
        return Client.connect(self.settings(**overrides))

    def connection(self) -> Connection:
        """What the connection file of the daemon with default settings says."""
        connection = read_connection(self.places())
        assert connection is not None
        return connection

    def link(self) -> Link:
        """A bare connection to the running daemon, closed after the test."""
        link = Link.open(self.connection())
        assert link is not None
        self.links.append(link)
        return link

    def loads(self, **script: Any) -> None:
        """Script how the engine loads from now on."""
        self.script.write_text(json.dumps(asdict(LoadScript(**script))))

    def end_daemons(self) -> None:
        """Ask every daemon here to end as the system does at logout, and see that it leaves nothing."""
        for lock in self.runtime.glob("*.lock"):
            where = Places(lock.stem, self.runtime, lock.with_suffix(".sock"))
            connection = read_connection(where)
            if is_free(where) or connection is None:
                continue
            os.kill(connection.pid, signal.SIGTERM)
            eventually(lambda where=where: is_free(where), "the daemon ended")  # type: ignore[misc]
            assert not where.socket.exists()
            assert not where.connection.exists()


def is_free(where: Places) -> bool:
    """Tell whether no daemon holds the lock."""
    with try_lock(where.lock) as free:
        return free


def ask(document: str = "", *, priority: Any = "visible", stream: bool = False, **script: Any) -> Complete:
    """A request whose completion follows ``Script(**script)``."""
    return Complete(
        "a.py",
        "x = ",
        document=document,
        priority=priority,
        stream=stream,
        repository=Script(**script).as_text(),
        max_tokens=4096,
    )


def eventually(true: Callable[[], bool], what: str) -> None:
    """Wait until ``true()``; fail with ``what`` where that takes too long."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.01)


def children() -> dict[int, str]:
    """The state letter of every child process of this one, adopted ones included."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == os.getpid():
                found[int(stat.parent.name)] = state
    return found


def reap() -> None:
    """Take note of children that have ended."""
    for pid, state in children().items():
        if state == "Z":
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
