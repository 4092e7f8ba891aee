"""A desk with a VS Code: a home with a project, daemons with the bundled pair, the packaged extension."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ....daemon.client import Client
from ...harness.home import Home
from .code import Code

PACKAGE = Path(__file__).resolve().parents[3] / "editors" / "vscode" / "build" / "paceline.vsix"
DAEMON = {"threads": "1", "compile": "off", "device": "cpu"}
QUIET = {
    "workbench.startupEditor": "none",
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.suggestOnTriggerCharacters": False,
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.cursorBlinking": "solid",
}


@dataclass
class Desk:
    """One user: all state in ``home.folder``, files in ``project``, one VS Code."""

    home: Home
    code: Code
    more: dict[str, Any]
    files: int = 0

    def file(self, content: str) -> Path:
        """A new Python file of the project."""
        self.files += 1
        path = self.code.project / f"module{self.files}.py"
        path.write_bytes(content.encode())
        return path

    def interpreter(self, first: str) -> Path:
        """An interpreter of paceline that does something in the shell first."""
        self.files += 1
        path = self.home.folder / f"python{self.files}"
        path.write_text(f'#!/bin/sh\n{first}\nexec "{sys.executable}" "$@"\n')
        path.chmod(0o755)
        return path

    def daemon(self) -> Client:
        """A client of the daemon that the language server uses. It has to run."""
        settings = self.home.settings(target="mini", threads=1, compile="off", device="cpu")
        return Client.connect(settings, spawn=False)

    def count(self, name: str) -> int:
        """One of the daemon's counters."""
        with self.daemon() as daemon:
            return int(daemon.status().outcomes.get(name, 0))

    def configure(self, **settings: Any) -> None:
        """Change settings of paceline; what is not given is as it was at the beginning."""
        own = {"interpreter": sys.executable, "deadlineMs": 60_000, "leastConfidence": 0} | settings
        self.code.configure(QUIET | self.more | {f"paceline.{name}": value for name, value in own.items()})


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder that setup.sh filled: $VSCODE."""
    named = os.environ.get("VSCODE")
    if not named:
        pytest.skip("VSCODE names no VS Code: see tests/editors/vscode/setup.sh")
    if not PACKAGE.is_file():
        pytest.fail("the extension is not packaged: run `npm run package` in editors/vscode")
    return Path(named)


@contextmanager
def desk_of(tools: Path, prepare: Callable[[Desk], None], more: dict[str, Any]) -> Iterator[Desk]:
    """A desk with ``more`` settings of VS Code, prepared before that starts."""
    chromium = shutil.which("chromium")
    assert chromium is not None
    home = Home(Path(tempfile.mkdtemp(prefix="pl-")))
    project = home.folder / "project"
    (project / ".git").mkdir(parents=True)
    daemon = {f"PACELINE_{name.upper()}": value for name, value in DAEMON.items()}
    code = Code(tools, home.folder, project, daemon | {"PACELINE_RUNTIME_DIR": str(home.runtime)})
    desk = Desk(home, code, more)
    try:
        prepare(desk)
        desk.configure()
        code.install(PACKAGE)
        code.start(chromium)
        yield desk
    finally:
        code.close()
        home.end_daemons()
        shutil.rmtree(home.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def session_desk(tools: Path) -> Iterator[Desk]:
    """The desk that all tests share."""
    with desk_of(tools, lambda _: None, {}) as desk:
        yield desk


@pytest.fixture
def desk(session_desk: Desk) -> Iterator[Desk]:
    """The desk, nothing left on it by the test before."""
    yield session_desk
    session_desk.configure()
    session_desk.code.press("Escape")
