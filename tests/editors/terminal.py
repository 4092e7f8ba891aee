"""A program in a terminal of its own: keys go in; what it drew last tells what went wrong."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 60.0  # the most that anything here may take; on a fast machine it is far less
LAST = 4000  # bytes
KEY_SECONDS = 0.03  # between keys, as of a fast typist


class Terminal:
    """A running program. ``close`` it."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self._drawn = b""
        self._screen, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            cwd=folder,
            env=os.environ | {"TERM": "xterm-256color"} | environment,
            stdin=inside,
            stdout=inside,
            stderr=inside,
        )
        os.close(inside)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def type(self, keys: str) -> None:
        """Type keys one by one."""
        for key in keys:
            os.write(self._screen, key.encode())
            time.sleep(KEY_SECONDS)

    def wait(self, true: Callable[[], bool], what: str) -> None:
        """Ask again and again until it is true; fail with ``what`` where that takes too long."""
        deadline = time.monotonic() + SECONDS
        while not true():
            assert time.monotonic() < deadline, f"never happened: {what}; {self._drawn!r}"
            assert self.process.poll() is None, f"the editor ended; {self._drawn!r}"
            time.sleep(0.2)

    def close(self) -> None:
        """End the program."""
        self.process.terminate()
        try:
            self.process.wait(SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self._reader.join()
            os.close(self._screen)

    def _read(self) -> None:
        try:
            while data := os.read(self._screen, 1 << 16):
                self._drawn = (self._drawn + data)[-LAST:]
        except OSError:
            return  # how a terminal says that nobody is on its other side any more
