"""Daemons as the command line starts, shows, loses and stops them."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from .conftest import User

SOURCE = "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return \n"
AT_ONCE = 16
# sampled this hot inside a string that nothing closes, a completion goes on for hundreds of tokens
ENDLESS = ("--multiline", "--max-tokens", "4096", "--temperature", "5", "--drafter", "none", "--stream")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file that lacks an expression on line 6."""
    path = tmp_path / "sums.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def string(tmp_path: Path) -> Path:
    """A file that ends inside a string, on line 3."""
    path = tmp_path / "notes.py"
    path.write_text('NOTES = """\nOne\nTwo')
    return path


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a process that ends by itself."""
    stdout, stderr = process.communicate(timeout=100)
    return process.returncode, stdout, stderr


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once ``condition`` holds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.timeout(300)
def test_many_at_once_share_one_daemon(new_user: Callable[[], User], source: Path) -> None:
    user = new_user()
    with ExitStack() as stack:
        start = [user.start("complete", f"{source}:6", "--json") for _ in range(AT_ONCE)]
        answers = [finish(process) for process in [stack.enter_context(one) for one in start]]
    assert [status for status, _, _ in answers] == [0] * AT_ONCE, answers
    assert len({json.loads(stdout)["text"] for _, stdout, _ in answers}) == 1
    assert len(user.daemons()) == 1
    outcomes = json.loads(user.run("status", "--json").stdout)["outcomes"]
    assert outcomes["outcome.done"] >= AT_ONCE


def test_status_and_stop(new_user: Callable[[], User], source: Path) -> None:
    user = new_user()
    assert (user.run("status").returncode, user.run("stop").returncode) == (1, 0)
    assert user.run("complete", f"{source}:6").returncode == 0
    screen = user.run("status")
    assert screen.returncode == 0
    for word in (
        "ready",
        "mini on cpu",
        "MiB",
        "done",
        "α",
        "draft efficiency",
        "τ",
        "tokens/s",
        "p50",
        "p95",
    ):
        assert word in screen.stdout
    assert user.run("stop").stdout == "the daemon has stopped\n"
    assert user.daemons() == []


def test_killed_daemon_is_reported_and_replaced(
    new_user: Callable[[], User], source: Path, string: Path
) -> None:
    user = new_user()
    assert user.run("complete", f"{source}:6").returncode == 0
    [pid] = user.daemons()
    with user.start("complete", f"{string}:3", *ENDLESS) as process:
        assert process.stdout
        process.stdout.read(1)
        os.kill(pid, signal.SIGKILL)
        status, _, stderr = finish(process)
    assert status == 1
    assert stderr.count("\n") == 1
    assert "the daemon went away" in stderr
    assert user.run("complete", f"{source}:6").returncode == 0
    assert user.daemons() not in ([], [pid])


def test_interrupt_cancels_the_request(user: User, source: Path, string: Path) -> None:
    assert user.run("complete", f"{source}:6").returncode == 0
    before = json.loads(user.run("status", "--json").stdout)["outcomes"].get("outcome.cancelled", 0)
    with user.start("complete", f"{string}:3", *ENDLESS) as process:
        assert process.stdout
        process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        status, _, stderr = finish(process)
    assert (status, stderr) == (130, "paceline: interrupted; the request was cancelled\n")

    def is_cancelled() -> bool:
        return bool(
            json.loads(user.run("status", "--json").stdout)["outcomes"].get("outcome.cancelled", 0) > before
        )

    wait_for(is_cancelled)


def test_daemon_in_the_foreground(new_user: Callable[[], User], source: Path) -> None:
    user = new_user()
    with user.start("serve") as process:
        wait_for(lambda: len(user.daemons()) == 1 and user.run("status").returncode == 0)
        assert user.daemons() == [process.pid]
        assert user.run("complete", f"{source}:6").returncode == 0
        process.send_signal(signal.SIGINT)
        status, _, stderr = finish(process)
    assert status == 0
    assert "Traceback" not in stderr
    assert user.daemons() == []


def test_second_daemon_in_the_foreground_is_refused(new_user: Callable[[], User], source: Path) -> None:
    user = new_user()
    assert user.run("complete", f"{source}:6").returncode == 0
    done = user.run("serve")
    assert done.returncode == 1
    assert "runs already" in done.stderr


def test_stop_reaches_the_daemons_of_all_settings(new_user: Callable[[], User], source: Path) -> None:
    user = new_user()
    for options in ((), ("--draft", "none")):
        assert user.run("complete", f"{source}:6", *options).returncode == 0
    assert len(user.daemons()) == 2
    assert user.run("stop", "--all").stdout == "2 daemons have stopped\n"
    assert user.daemons() == []
    assert user.run("stop", "--all").stdout == "no daemon runs\n"
