"""Starting a daemon process: detached, with a pipe that tells when it listens, and a breaker for crash loops.

All of this happens under the spawn lock (:mod:`lifecycle`), so the crash record has one writer at a time.
"""

import json
import os
import select
import sys
import time
from dataclasses import dataclass

from .errors import DaemonFailed
from .paths import Places, open_private, write_private
from .settings import Settings, child_environment

DAEMON_MODULE = "paceline.daemon.detached"
BREAKER_CRASHES = 5
BREAKER_SECONDS = 180.0
REPORT_LIMIT = 4096  # bytes of what a starting daemon says on the pipe


@dataclass(frozen=True, slots=True)
class Report:
    """What a starting daemon says: "ready", "held" (another has the lock), or "failed" with code and text."""

    state: str
    code: str = ""
    text: str = ""


def report(descriptor: int, said: Report) -> None:
    """Say it on the readiness pipe and close it. A starter that no longer listens is no trouble."""
    try:
        with os.fdopen(descriptor, "wb") as pipe:
            pipe.write(json.dumps([said.state, said.code, said.text]).encode()[:REPORT_LIMIT])
    except BrokenPipeError:
        return


def launch(settings: Settings, where: Places, deadline: float) -> Report:
    """Start a daemon and wait until it reports, dies, or ``deadline`` (monotonic seconds) passes.

    Failures are put on the crash record. Returns the report, "failed" for a death or a timeout.
    """
    receive, send = os.pipe()
    try:
        _start(settings, where, send)
        os.close(send)
        send = -1
        said = _read_report(receive, deadline, where)
    finally:
        os.close(receive)
        if send >= 0:
            os.close(send)
    if said.state == "failed":
        record_crash(where, said.text)
    return said


def _start(settings: Settings, where: Places, ready: int) -> None:
    """Run the process. It forks once and the first one ends, so that nobody has to wait for the daemon."""
    import subprocess  # noqa: PLC0415  (a client that finds its daemon has no use for it)

    output = open_private(where.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        subprocess.run(
            [sys.executable, "-P", "-m", DAEMON_MODULE, str(ready)],
            input=json.dumps(settings.as_map()).encode(),
            stdout=output,
            stderr=output,
            pass_fds=(ready,),
            start_new_session=True,
            cwd="/",
            env=child_environment(),
            check=False,
        )
    finally:
        os.close(output)


def _read_report(descriptor: int, deadline: float, where: Places) -> Report:
    said = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            continue
        piece = os.read(descriptor, REPORT_LIMIT)
        said += piece
        if not piece:
            return _parsed(said, where)
    return Report("failed", "start_timeout", "it did not start to listen in time (setting start_timeout)")


def _parsed(said: bytes, where: Places) -> Report:
    try:
        state, code, text = json.loads(said)
    except ValueError:
        return Report("failed", "start_failed", last_words(where))
    return Report(str(state), str(code), str(text))


def last_words(where: Places) -> str:
    """Return the last line a daemon process wrote to its output, or that it wrote none."""
    try:
        descriptor = open_private(where.output, os.O_RDONLY)
    except FileNotFoundError:
        return "it left no output"
    with os.fdopen(descriptor, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - REPORT_LIMIT))
        lines = file.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it left no output")


def record_crash(where: Places, reason: str) -> None:
    """Add a crash to the record the breaker reads."""
    crashes = [*_crashes(where), (time.time(), reason[:500])]
    write_private(where.crashes, json.dumps(crashes[-BREAKER_CRASHES:]).encode())


def check_breaker(where: Places) -> None:
    """Raise DaemonFailed where the daemon died too often of late to be started once more."""
    crashes = _crashes(where)
    if len(crashes) < BREAKER_CRASHES:
        return
    text = (
        f"the daemon died {len(crashes)} times within {BREAKER_SECONDS / 60:.0f} minutes, at last with: "
        f"{crashes[-1][1]}; see {where.log}, or run `paceline serve` to watch it start"
    )
    raise DaemonFailed(text, code="crash_loop")


def _crashes(where: Places) -> list[tuple[float, str]]:
    """Return (wall time in seconds, reason) of the crashes inside the breaker's window."""
    try:
        with os.fdopen(open_private(where.crashes, os.O_RDONLY), "rb") as file:
            found = [(float(when), str(reason)) for when, reason in json.loads(file.read())]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    return [crash for crash in found if 0 <= time.time() - crash[0] < BREAKER_SECONDS]
