"""The daemons: does ours run, is it of this version, is its socket private, what did others leave behind."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ... import __version__
from ..client import Client
from ..errors import DaemonFailed, DaemonLost, DaemonNotRunning, PacelineError, RequestError, RuntimeDirError
from ..lifecycle import HELLO_SECONDS, is_running
from ..link import Link
from ..paths import Places, open_private, places, private_directory, read_connection
from ..protocol import Status, Welcome
from ..settings import Settings
from ..spawn import check_breaker, last_words
from .finding import Finding, counted, ok, remark, wrong
from .installation import PACKAGE

NONE = "none runs with these settings; the first completion starts one"
LOG_READ = 1 << 16  # bytes at the end of a log
_TROUBLE = re.compile(r"^(\S+ \S+) (?:ERROR|CRITICAL) \d+ (.*)$", re.MULTILINE)


def check_daemons(settings: Settings) -> Iterator[Finding]:
    """Our daemon, its socket and log, crashes of late, and other daemons of the runtime directory."""
    if not Path(settings.runtime_dir).is_dir():
        yield ok("daemon", NONE)
        return
    try:
        where = places(settings)
    except RuntimeDirError as error:
        yield wrong("daemon", error.text)
        return
    for look in (_ours(settings, where), _crashes(where), _log(where), _others(where)):
        try:
            yield from look
        except RuntimeDirError as error:
            yield wrong("private", error.text)


def _ours(settings: Settings, where: Places) -> Iterator[Finding]:
    try:
        client = Client.connect(settings, spawn=False)
    except DaemonNotRunning:
        yield _remains(where) or ok("daemon", NONE)
        return
    except PacelineError as error:
        yield wrong("daemon", error.text)
        return
    with closing(client):
        try:
            status = client.status()
        except PacelineError as error:
            yield wrong("daemon", error.text, "paceline stop")
            return
    yield condition(status, newest_source())
    yield from due(status)
    yield from _socket(where)


def condition(status: Status, changed: float) -> Finding:
    """How a daemon stands; ``changed`` is when its program was last changed (seconds since 1970)."""
    who = f"process {status.pid}, paceline {status.package}"
    if status.package != __version__:
        return wrong("daemon", f"{who}, and this is {__version__}", "paceline stop")
    if status.state == "failed":
        return wrong("daemon", f"{who}, failed: {status.reason}")
    if time.time() - status.uptime_s < changed:
        return remark("daemon", f"{who}, is older than the program's files", "paceline stop")
    loss = status.engine.get("pacer", {}).get("loss")
    if loss:
        text = f"{who}: speculation lost time of late, likely by {loss}"
        return remark("daemon", text, "see the verdict below")
    return ok("daemon", f"{who}, {status.state}")


def due(status: Status) -> Iterator[Finding]:
    """Whether the daemon asks for drafts to be measured (``evaluation.verdict``)."""
    text = status.engine.get("evaluation")
    if text:
        yield remark("drafts", str(text).partition(": ")[0], "paceline draft evaluate --on DIR")


def newest_source() -> float:
    """When a module of this package was last changed, in seconds since 1970."""
    rooms = ("daemon", "lsp", "models")
    return max(path.stat().st_mtime for room in rooms for path in (PACKAGE / room).rglob("*.py"))


def _socket(where: Places) -> Iterator[Finding]:
    """Where there is one: with TCP there is none."""
    if not where.socket.exists():
        return
    private_directory(where.socket.parent)
    yield ok("socket", f"{where.socket}: yours alone")


def _crashes(where: Places) -> Iterator[Finding]:
    try:
        check_breaker(where)
    except DaemonFailed as error:
        yield wrong("crashes", error.text)


def _log(where: Places) -> Iterator[Finding]:
    try:
        descriptor = open_private(where.log, 0)
    except FileNotFoundError:
        return
    with open(descriptor, "rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LOG_READ))
        found = _TROUBLE.findall(file.read().decode(errors="replace"))
    if found:
        when, what = found[-1]
        yield remark(
            "log", f"{counted(len(found), 'error')}, the last at {when}: {what[:200]}", f"read {where.log}"
        )
    else:
        yield ok("log", f"{where.log}: no errors")


def _others(where: Places) -> Iterator[Finding]:
    """The daemons of other settings, and what those that died left."""
    keys = {path.stem for kind in ("json", "sock") for path in where.directory.glob(f"*.{kind}")}
    others = [Places(key, where.directory, where.directory / f"{key}.sock") for key in keys - {where.key}]
    alive = [other for other in others if other.lock.exists() and is_running(other)]
    dead = [other for other in others if other not in alive]
    if dead:
        names = " ".join(str(where.directory / f"{other.key}.*") for other in dead)
        yield remark("stale", f"files of {counted(len(dead), 'daemon')} that died", f"rm {names}")
    if not alive:
        return
    versions = sorted({version(other) for other in alive})
    text = f"{len(alive)} more for other settings, paceline {', '.join(versions)}"
    if versions == [__version__]:
        yield ok("others", text)
    else:
        yield remark("others", text, "paceline stop --all")


def version(where: Places) -> str:
    """What package a running daemon says it is, or that it does not say."""
    silent = "that does not answer"
    connection = read_connection(where)
    link = Link.open(connection) if connection else None
    if link is None:
        return silent
    with closing(link):
        try:
            welcome = link.hello(HELLO_SECONDS)
        except (DaemonLost, RequestError):
            return silent
    return welcome.package if isinstance(welcome, Welcome) else silent


def _remains(where: Places) -> Finding | None:
    """What our own daemon left if it died."""
    if not where.connection.exists():
        return None
    text = f"it died without a word ({last_words(where)}); the next completion starts another"
    return remark("daemon", text, f"read {where.log}")
