"""A desk of a test's own: an editor's language servers and daemons with the scripted engine."""

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ...daemon.paths import Places, read_connection, try_lock
from .client import SECONDS, Editor


@dataclass(frozen=True)
class Desk:
    """All state of its servers and daemons lies in ``folder``; documents are in ``project``."""

    folder: Path
    editors: list[Editor] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What leads the processes here."""
        own = {"PACELINE_RUNTIME_DIR": str(self.folder / "run"), "PACELINE_TARGET": str(self.target)}
        return own | {"PACELINE_START_TIMEOUT": str(SECONDS)}

    @property
    def target(self) -> Path:
        """Scripts how models load."""
        return self.folder / "load.json"

    @property
    def log(self) -> Path:
        """What the engine was asked."""
        return self.folder / "load.log"

    @property
    def project(self) -> Path:
        """A folder with a repository."""
        return self.folder / "project"

    def uri(self, name: str) -> str:
        """The URI of a file of the project."""
        return (self.project / name).as_uri()

    def loads(self, **script: Any) -> None:
        """Script how models load from now on."""
        self.target.write_text(json.dumps(script))

    def start(self, **overrides: str) -> Editor:
        """A server that was told nothing yet."""
        module = overrides.pop("module", "paceline.tests.lsp.process")
        self.editors.append(Editor(self.environment | overrides, module=module))
        return self.editors[-1]

    def editor(self, options: Any = None, **extra: Any) -> Editor:
        """A server that was shaken hands with."""
        editor = self.start()
        patient = {"deadlineMs": 20_000, "showAfterMs": 20_000, "prefetch": False}
        editor.initialize(patient | (options or {}), **extra)
        return editor

    def daemons(self) -> list[int]:
        """Process ids of the daemons that run here."""
        found = []
        for lock in (self.folder / "run").glob("*.lock"):
            connection = read_connection(Places(lock.stem, self.folder / "run", lock.with_suffix(".sock")))
            with try_lock(lock) as free:
                if not free and connection is not None:
                    found.append(connection.pid)
        return found

    def close(self) -> None:
        """End everything."""
        for editor in self.editors:
            editor.close()
        for pid in self.daemons():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS
        while self.daemons() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self.daemons() == []
        shutil.rmtree(self.folder)


def make_desk() -> Desk:
    """A desk whose models load at once."""
    desk = Desk(Path(tempfile.mkdtemp(prefix="pl-")))
    (desk.project / ".git").mkdir(parents=True)
    desk.loads()
    return desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk of this test's own."""
    desk = make_desk()
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def shared_desk() -> Iterator[Desk]:
    """A desk for tests that leave its daemon alone."""
    desk = make_desk()
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def editor(shared_desk: Desk) -> Editor:
    """A server of the shared desk that was shaken hands with; each test opens documents of its own."""
    return shared_desk.editor()
