"""Emacs and Helix, set up word for word as ``editors/README.md`` says, typed into in a terminal."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..harness.home import Home
from ..house.tree import ROOT
from .conftest import Desk
from .terminal import Terminal
from .test_neovim import PATHS, TYPED

PAGE = ROOT / "editors" / "README.md"


def configuration(language: str) -> str:
    """The page's block in a language."""
    found = re.findall(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def other_desk() -> Iterator[Desk]:
    """A desk with ``paceline`` on the path, and the editors that setup_others.sh fetched."""
    tools = os.environ.get("OTHER_EDITORS")
    if not tools:
        pytest.skip("OTHER_EDITORS names no editors: see tests/editors/setup_others.sh")
    desk = Desk(Home(Path(tempfile.mkdtemp(prefix="pl-"))), tools)
    (desk.project / ".git").mkdir(parents=True)
    program = desk.home.folder / "bin" / "paceline"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m paceline "$@"\n')
    program.chmod(0o755)
    yield desk
    desk.home.end_daemons()
    shutil.rmtree(desk.home.folder)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """What is closed at the end."""
    running: list[Terminal] = []
    yield running
    for terminal in running:
        terminal.close()


def environment(desk: Desk) -> dict[str, str]:
    """What the editor is started with."""
    path = f"{desk.home.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return desk.environment | {"PATH": path, "HOME": str(desk.home.folder)}


def counted(desk: Desk, name: str) -> int:
    """How often the daemon counted something; 0 where none runs yet."""
    if not list(desk.home.runtime.glob("*.json")):
        return 0
    with desk.daemon() as daemon:
        return int(daemon.status().outcomes.get(name, 0))


class Emacs(Terminal):
    """An Emacs that can be asked, too."""

    def __init__(self, desk: Desk, path: Path) -> None:
        self._bin = Path(desk.executable) / "bin"
        self._socket, self._buffer = desk.home.folder / "emacs.sock", path.name
        serve = f'(progn (setq server-name "{self._socket}") (server-start))'
        super().__init__(
            [str(self._bin / "emacs"), "-nw", f"--eval={serve}", str(path)], desk.project, environment(desk)
        )

    def ask(self, form: str) -> str:
        """The value of a form in the file's buffer, as Emacs prints it; "" where there is none yet."""
        client = [str(self._bin / "emacsclient"), "-s", str(self._socket), "--eval"]
        command = [*client, f'(with-current-buffer "{self._buffer}" {form})']
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.strip()

    def string(self, form: str) -> str:
        """The string that a form is; "" where it is none."""
        printed = self.ask(f"(let ((it {form})) (and (stringp it) (substring-no-properties it)))")
        return str(ast.literal_eval(printed)) if printed.startswith('"') else ""


def test_emacs_draws_a_suggestion_and_accepts_it(other_desk: Desk, terminals: list[Terminal]) -> None:
    folder = other_desk.home.folder / ".emacs.d"
    folder.mkdir()
    patient = ":initialization-options '(:deadlineMs 60000 :leastConfidence 0) :add-on?"
    init = configuration("elisp").replace(":add-on?", patient)
    (folder / "init.el").write_text("(setq lsp-response-timeout 60)\n" + init)
    emacs = Emacs(other_desk, other_desk.file(PATHS))
    terminals.append(emacs)
    emacs.wait(
        lambda: emacs.ask("lsp-inline-completion-mode") == "t", "the server, inline completion with it"
    )
    emacs.type("\x1b>" + TYPED)  # M-> goes to the end
    overlay = "lsp-inline-completion--overlay"
    ghost = f"(and (overlayp {overlay}) (overlay-get {overlay} 'after-string))"
    emacs.wait(lambda: emacs.string(ghost) != "", "a suggestion is drawn")
    rest = emacs.string(ghost)
    assert emacs.string("(buffer-string)") == PATHS + TYPED
    emacs.type("\t")
    emacs.wait(lambda: emacs.string("(buffer-string)") == PATHS + TYPED + rest, "it was accepted")
    emacs.wait(lambda: counted(other_desk, "feedback.accepted") == 1, "the daemon was told")
    assert "rror" not in emacs.string('(with-current-buffer "*Messages*" (buffer-string))')


def test_helix_has_the_suggestion_in_its_menu(other_desk: Desk, terminals: list[Terminal]) -> None:
    desk, path = other_desk, other_desk.file(PATHS)
    folder = desk.home.folder / "helix"
    folder.mkdir()
    patient = "[language-server.paceline.config]\ndeadlineMs = 60000\nleastConfidence = 0.0\n\n[[language]]"
    (folder / "languages.toml").write_text(configuration("toml").replace("[[language]]", patient))
    (folder / "config.toml").write_text('theme = "default"\n')
    hx = str(Path(desk.executable) / "bin" / "hx")
    terminals.append(terminal := Terminal([hx, "-v", str(path)], desk.project, environment(desk)))
    log = folder / "helix.log"
    terminal.wait(lambda: log.exists() and '"completionProvider"' in log.read_text(), "the server")
    typed = TYPED + "o"  # Helix asks from the second character of a word on
    terminal.type("geo" + typed)

    def given() -> bool:
        time.sleep(2)
        if counted(desk, "feedback.shown") == 0:
            terminal.type("\x7fo")  # typed before the models were there
            return False
        return True

    terminal.wait(given, "the item was given")
    terminal.type("\t\r\x1b")
    time.sleep(1)
    terminal.type(":w\r")
    terminal.wait(lambda: path.read_text() != PATHS, "the file was written")
    written = path.read_text()
    assert written.startswith(PATHS + typed)
    assert len(written.strip()) > len(PATHS + typed)
    assert "[ERROR]" not in log.read_text()
