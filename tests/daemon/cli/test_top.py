"""The verb ``top``: once without a terminal, live on one, until q."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ....daemon.cli import top
from ....daemon.cli.top import ENTER, LEAVE, Watch, frame, last_requests
from ....daemon.protocol import Rates, Recent, Status
from ...harness.home import Home, ask, eventually
from .conftest import User

SECONDS = 30
STATUS = Status(
    package="0", key="k", pid=7, state="ready", uptime_s=1.0, rss_bytes=1, queued=0, rates=Rates(),
    recent=(
        Recent(90.0, "warm", "done"),
        Recent(
            5.0, "complete", "done", finish="line", queue=2.0, first=10.0, total=20.0, emitted=8, passes=3,
            tested=6, accepted=5, computed=40,
        ),
    ),
)  # fmt: skip


class Terminal:
    """``paceline top`` on a terminal of its own."""

    def __init__(self, user: User, *arguments: str) -> None:
        self._screen, inner = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "paceline", "top", *arguments],
            env=user.environment | {"COLUMNS": "100", "LINES": "30", "TERM": "xterm"},
            stdin=inner,
            stdout=inner,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(inner)
        self.shown = ""

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self._screen, keys)

    def until(self, true: Callable[[str], bool]) -> str:
        """What was written to the terminal, once it is as wanted."""
        deadline = time.monotonic() + SECONDS
        while not true(self.shown):
            assert time.monotonic() < deadline, self.shown[-2000:]
            if select.select([self._screen], [], [], 0.1)[0]:
                try:
                    self.shown += os.read(self._screen, 65536).decode(errors="replace")
                except OSError:  # what Linux says at the end of a terminal
                    assert true(self.shown), self.shown[-2000:]
        return self.shown

    def close(self) -> None:
        """End the process, if it lives, and the terminal."""
        self.process.kill()
        self.process.wait()
        os.close(self._screen)


@pytest.fixture
def terminal(user: User) -> Iterator[Callable[..., Terminal]]:
    """Starts ``top``; none outlives the test."""
    started: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        started.append(Terminal(user, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_last_requests_are_a_table() -> None:
    rows = last_requests(STATUS).splitlines()
    assert rows[1].split()[:3] == ["ago", "request", "ended"]
    assert rows[2].split() == ["5", "s", "complete", "line", "12", "22", "8", "3", "5/6", "40"]
    assert rows[3].split()[:4] == ["90", "s", "warm", "done"]
    assert max(map(len, rows)) <= 80
    assert last_requests(Status("0", "k", 7, "ready", 1.0, 1, 0, Rates())) == ""


def test_frame_keeps_to_the_rows_there_are() -> None:
    drawn = frame(["one", "two", "three"], 2)
    assert drawn.count("\r\n") == 1
    assert "three" not in drawn


def test_watch_sees_a_daemon_come_and_go(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(top, "screen", lambda status: f"process {status.pid}\n")  # it needs a real engine
    watch = Watch(home.settings())
    assert "no daemon runs" in watch.look()
    assert not watch.reached
    with home.connect() as client:
        client.complete(ask())
        shown, requests = watch.look().split("ago")
        assert shown.startswith(f"process {client.hello().pid}\n")
        assert "complete" in requests
        assert watch.reached
        client.stop()
    assert "no daemon runs" in watch.look()
    watch.close()


def test_once_without_a_terminal(new_user: Callable[[], User]) -> None:
    done = new_user().run("top")
    assert (done.returncode, done.stderr) == (1, "")
    assert "no daemon runs" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("end", ["q", "interrupt"])
def test_live_on_a_terminal(user: User, terminal: Callable[..., Terminal], tmp_path: Path, end: str) -> None:
    source = tmp_path / "sums.py"
    source.write_text("def add(a, b):\n    return \n")
    assert user.run("complete", f"{source}:2").returncode == 0
    shown = terminal("--interval", "0.2")
    drawn = shown.until(lambda text: text.count("paceline top") >= 3)
    assert drawn.startswith(ENTER)
    assert "mini on cpu" in drawn
    if end == "q":
        shown.press(b"q")
    else:
        shown.process.send_signal(signal.SIGINT)
    shown.until(lambda text: LEAVE in text)
    eventually(lambda: shown.process.poll() is not None, "it ended")
    assert shown.process.returncode == 0
