"""Tests of the daemon run real processes; each of them must leave none behind, and no thread."""

import ctypes
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ...daemon import spawn
from ..harness.home import Home, children, eventually, reap

SET_CHILD_SUBREAPER = 36  # prctl(2)


def _adopt_orphans(*, on: bool) -> None:
    """Have daemons, whose starters end at once, become children of this process instead of init's."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, int(on), 0, 0, 0)


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of this folder that leaves a process or a thread behind; pure tests start none."""
    if "home" not in request.fixturenames or not Path("/proc").exists():
        yield
        return
    processes, threads = set(children()), set(threading.enumerate())
    _adopt_orphans(on=True)
    try:
        yield
        left = _settled(processes)
        assert left == {}, "processes left behind"
        eventually(lambda: set(threading.enumerate()) <= threads, "all threads ended")
    finally:
        _adopt_orphans(on=False)


def _settled(before: set[int]) -> dict[int, str]:
    """Reap what ended; kill and return what did not."""
    deadline = time.monotonic() + 5.0
    while True:
        reap()
        left = {pid: state for pid, state in children().items() if pid not in before}
        if not left or time.monotonic() > deadline:
            break
        time.sleep(0.01)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return left


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A runtime directory whose daemons have the scripted engine; they are ended after the test."""
    monkeypatch.setattr(spawn, "DAEMON_MODULE", "paceline.tests.harness.daemon")
    folder = Path(tempfile.mkdtemp(prefix="pl-"))
    home = Home(folder)
    home.loads()
    try:
        yield home
        home.end_daemons()
    finally:
        for link in home.links:
            link.close()
        shutil.rmtree(folder)
