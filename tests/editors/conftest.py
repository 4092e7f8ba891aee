"""A desk for real editors: a home with a project, daemons with the bundled pair, and Neovims at work."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ...daemon.client import Client
from ..harness.home import Home
from .neovim import Neovim

HAS_IT = "has inline completion"
PROBE = ["--clean", "--headless", f"+lua io.write(vim.lsp.inline_completion and '{HAS_IT}' or '')", "+qall"]
SERVER = [sys.executable, "-m", "paceline", "lsp"]


@dataclass
class Desk:
    """One user: all state in ``home.folder``, files in ``project``, editors running ``executable``."""

    home: Home
    executable: str
    editors: list[Neovim] = field(default_factory=list)
    files: int = 0

    @property
    def project(self) -> Path:
        """A folder with a repository."""
        return self.home.folder / "project"

    def file(self, content: str | bytes) -> Path:
        """A new Python file of the project."""
        self.files += 1
        path = self.project / f"module{self.files}.py"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    @property
    def environment(self) -> dict[str, str]:
        """What the user's programs are started with."""
        folders = {f"XDG_{name}_HOME": str(self.home.folder) for name in ("CONFIG", "CACHE", "STATE", "DATA")}
        own = {
            "PACELINE_RUNTIME_DIR": str(self.home.runtime),
            "PACELINE_THREADS": "1",
            "PACELINE_DEVICE": "cpu",
        }
        return folders | own

    def neovim(self, **options: Any) -> Neovim:
        """A running Neovim that is set up to use the language server."""
        self.editors.append(Neovim(self.executable, self.project, self.environment))
        self.editors[-1].use(SERVER, deadlineMs=60_000, leastConfidence=0, **options)
        return self.editors[-1]

    def daemon(self) -> Client:
        """A client of the daemon that the editors' servers use. It has to run."""
        settings = self.home.settings(target="mini", threads=1, device="cpu")
        return Client.connect(settings, spawn=False)

    def close(self) -> None:
        """End everything."""
        try:
            for editor in self.editors:
                editor.close()
        finally:
            self.home.end_daemons()
            shutil.rmtree(self.home.folder)


@pytest.fixture(scope="session")
def executable() -> str:
    """A Neovim with inline completion: $NEOVIM, which then must be one, or the one on the path."""
    named = os.environ.get("NEOVIM")
    found = shutil.which(named or "nvim")
    if found is not None and _has_inline_completion(found):
        return found
    if named:
        pytest.fail(f"NEOVIM names {named}, which is no Neovim with vim.lsp.inline_completion (0.12)")
    pytest.skip("there is no Neovim 0.12 here: see tests/editors/setup_neovim.sh")


@pytest.fixture
def desk(executable: str) -> Iterator[Desk]:
    """A desk of this test's own."""
    yield from _desks(executable)


@pytest.fixture(scope="session")
def shared_desk(executable: str) -> Iterator[Desk]:
    """A desk for tests that leave its daemon alone."""
    yield from _desks(executable)


@pytest.fixture(scope="session")
def shared_neovim(shared_desk: Desk) -> Neovim:
    """A Neovim at the shared desk."""
    return shared_desk.neovim()


@pytest.fixture
def neovim(shared_neovim: Neovim) -> Iterator[Neovim]:
    """The shared Neovim, to edit a file of the test's own with."""
    yield shared_neovim
    shared_neovim.type("<Esc>")


def _has_inline_completion(nvim: str) -> bool:
    return HAS_IT in subprocess.run([nvim, *PROBE], capture_output=True, text=True, check=False).stdout


def _desks(executable: str) -> Iterator[Desk]:
    desk = Desk(Home(Path(tempfile.mkdtemp(prefix="pl-"))), executable)
    (desk.project / ".git").mkdir(parents=True)
    yield desk
    desk.close()
