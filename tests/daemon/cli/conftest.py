"""A user of the command line with a home of their own: settings, sockets and daemons of no other test."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ....daemon.lifecycle import is_running
from ....daemon.paths import Places

SECONDS = 90


@dataclass(frozen=True)
class User:
    """Runs ``paceline`` as a process of its own, with all state below ``home``."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the processes: ours, with every folder of state below ``home``."""
        names = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
        folders = {name: str(self.home) for name in names}
        own = {"PACELINE_RUNTIME_DIR": str(self.runtime), "PACELINE_THREADS": "1", "PACELINE_DEVICE": "cpu"}
        return dict(os.environ) | folders | own | {"PYTHONUTF8": "1"}

    @property
    def runtime(self) -> Path:
        """Where the daemons keep their locks, sockets and logs."""
        return self.home / "run"

    @contextmanager
    def start(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Start ``paceline`` with ``arguments``; it does not outlive the block."""
        with subprocess.Popen(
            [sys.executable, "-m", "paceline", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[str]":
        """Run ``paceline`` with ``arguments`` to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "paceline", *arguments],
            env=self.environment,
            input=stdin,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    def daemons(self) -> list[int]:
        """Process ids of the daemons that hold their lock and can be reached."""
        held = [lock.with_suffix(".json") for lock in self.runtime.glob("*.lock") if self._holds(lock)]
        return [json.loads(connection.read_text())["pid"] for connection in held if connection.exists()]

    def _holds(self, lock: Path) -> bool:
        return is_running(Places(lock.stem, self.runtime, lock.with_suffix(".sock")))

    def leave(self) -> None:
        """End every daemon that is still there."""
        for pid in self.daemons():
            os.kill(pid, 9)


@pytest.fixture(scope="session")
def new_user() -> Iterator[Callable[[], User]]:
    """Makes users; at the end of the session none of their daemons is left."""
    users: list[User] = []

    def make() -> User:
        home = Path(tempfile.mkdtemp(prefix="paceline-test-"))
        users.append(User(home))
        return users[-1]

    yield make
    for user in users:
        user.leave()
        shutil.rmtree(user.home, ignore_errors=True)


@pytest.fixture(scope="session")
def user(new_user: Callable[[], User]) -> User:
    """One user whose daemon stays warm for all tests that do not harm it."""
    return new_user()
