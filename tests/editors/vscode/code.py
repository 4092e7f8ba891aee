"""A real VS Code in a browser: started, driven with keys, and looked at on its page.

Questions about the page are asked in JavaScript. What stands in a document is read from its file, once saved.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS = 60.0  # the most that anything here may take; on a fast machine it is far less
PATIENCE = 10.0  # after which a key that a busy VS Code may have lost is pressed again
ROBOT = Path(__file__).with_name("robot.mjs")

_STATUS = """document.getElementById('paceline.paceline.paceline.status')"""
_ALL = """[...document.querySelectorAll('{}')].map((one) => one.textContent)"""
_GHOST = _ALL.format(".editor-instance .ghost-text-decoration") + ".join('')"
_LINE = """
(() => {
  const parts = [...document.querySelectorAll('.editor-instance .view-line')]
    .filter((line) => line.querySelector('.ghost-text-decoration'));
  return parts.map((line) => line.textContent).join('\\n');
})()
"""
_LINES = _ALL.format(".editor-instance .view-line")
_WATCH = """
window.watched = [];
window.watch = (window.watch ?? 0) + 1;
(function look(watch) {
  if (watch !== window.watch) return;
  window.watched.push([STATUS?.innerText ?? '', LINE]);
  requestAnimationFrame(() => look(watch));
})(window.watch);
""".replace("STATUS", _STATUS).replace("LINE", _LINE)
_ROWS = _ALL.format(".quick-input-widget .monaco-list-row .label-name")
_ASKING = "document.activeElement?.closest('.quick-input-widget')?.checkVisibility() ?? false"
_MESSAGES = _ALL.format(".notification-list-item-message")
_BUTTONS = _ALL.format(".notification-list-item .monaco-text-button")


class Code:
    """A VS Code server and the browser that shows it. ``close`` it."""

    STATUS = "[id='paceline.paceline.paceline.status']"

    def __init__(self, tools: Path, folder: Path, project: Path, environment: dict[str, str]) -> None:
        self.project = project
        self.data = folder / "data"
        self._modules = tools / "node_modules"
        self._node = str(self._modules / "node" / "bin" / "node")
        entry = str(self._modules / "code-server" / "out" / "node" / "entry.js")
        own = {
            f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")
        }
        self._environment = os.environ | own | environment
        self._server = [self._node, entry, "--user-data-dir", str(self.data)]
        self._server += ["--extensions-dir", str(folder / "extensions")]
        self._log = folder / "code.log"
        self._running: list[subprocess.Popen[str]] = []

    # -- the beginning and the end

    def install(self, package: Path) -> None:
        """Install an extension from its package."""
        command = [*self._server, "--install-extension", str(package)]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def configure(self, settings: dict[str, Any]) -> None:
        """Write the settings of user and machine; a VS Code that runs takes them at once."""
        for kind in ("User", "Machine"):
            path = self.data / kind / "settings.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(settings))

    def start(self, chromium: str) -> None:
        """Start the server and open the project in the browser."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        options = ["--auth", "none", "--bind-addr", address, "--disable-telemetry", "--disable-update-check"]
        with self._log.open("w") as log:
            self._start([*self._server, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait(lambda: _answers(f"http://{address}/healthz"), "the server listens")
        self._robot = self._start(
            [self._node, str(ROBOT), str(self._modules), chromium],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.call("go", f"http://{address}/?folder={self.project}")
        self.wait(lambda: self.status != "", "the extension shows itself")

    def _start(self, command: list[str], **streams: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            command, env=self._environment, text=True, start_new_session=True, **streams
        )
        self._running.append(process)
        return process

    def close(self) -> None:
        """End browser and server, the server's own processes too."""
        for process in reversed(self._running):
            if process.stdin is not None:
                process.stdin.close()  # the robot leaves
            else:
                process.terminate()
            try:
                process.wait(SECONDS)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if process.stdout is not None:
                process.stdout.close()

    # -- what a user does

    def call(self, name: str, *arguments: Any) -> Any:
        """Have the robot do something; see there."""
        assert self._robot.stdin is not None
        assert self._robot.stdout is not None
        self._robot.stdin.write(json.dumps({"call": name, "arguments": arguments}) + "\n")
        self._robot.stdin.flush()
        answer = json.loads(self._robot.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def look(self, code: str) -> Any:
        """Return the value of an expression on the page."""
        return self.call("look", code)

    def press(self, key: str) -> None:
        """Press a key, or several at once."""
        self.call("press", key)

    def type(self, text: str) -> None:
        """Type a text."""
        self.call("type", text)

    def edit(self, path: Path) -> None:
        """Open a file, the cursor at its end."""
        self._look_for("Control+p", str(path), path.name)
        self.press("Enter")
        title = "document.querySelector('.tab.active')?.dataset.resourceName"
        self.wait(lambda: self.look(title) == path.name and not self.look(_ASKING), f"{path.name} is open")
        self.wait(lambda: self.look("document.activeElement.closest('.monaco-editor') !== null"), "focus")
        self.press("Control+End")

    def run(self, title: str) -> None:
        """Run a command of the palette."""
        for _ in range(self._look_for("F1", f"paceline: {title}", f"paceline: {title}")):
            self.press("ArrowDown")
        self.press("Enter")
        self.wait(lambda: not self.look(_ASKING), "the palette is gone")

    def _look_for(self, key: str, text: str, row: str) -> int:
        """Type into what ``key`` opens until ``row`` is offered, again where a busy VS Code lost keys.

        Returns how many rows stand above it.
        """
        rows: list[str] = []

        def offered() -> bool:
            rows[:] = self.look(_ROWS)
            return row in rows

        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            self.press(key)
            if not _comes_true(lambda: bool(self.look(_ASKING)), PATIENCE):
                continue
            self.type(text)
            if _comes_true(offered, PATIENCE):
                return rows.index(row)
            self.press("Escape")
            self.wait(lambda: not self.look(_ASKING), "the question is gone")
        raise AssertionError(f"never happened: {row} is offered")

    # -- what a user sees

    def text(self, path: Path) -> str:
        """Save the open file, which was changed, and return what it holds."""
        before = path.stat().st_mtime_ns
        self.press("Control+s")
        self.wait(lambda: path.stat().st_mtime_ns != before and path.stat().st_size > 0, "the file is saved")
        return path.read_bytes().decode()

    @property
    def status(self) -> str:
        """What stands in the status bar."""
        return str(self.look(f"{_STATUS}?.innerText ?? ''")).strip()

    @property
    def tip(self) -> str:
        """The text that hovers."""
        return _plain("\n".join(self.look(_ALL.format(".monaco-hover"))))

    @property
    def page(self) -> str:
        """The lines that the editor in front shows."""
        return _plain("\n".join(self.look(_LINES)))

    @property
    def ghost(self) -> str:
        """The ghost text that is drawn, as one line; empty where there is none."""
        return _plain(self.look(_GHOST))

    def suggestion(self) -> str:
        """Wait for ghost text and return it."""
        self.wait(lambda: self.ghost != "", "a suggestion is shown")
        return self.ghost

    def watch(self) -> None:
        """Take down, from now on, status bar and suggesting line as each frame shows them."""
        self.look(_WATCH)

    def watched(self) -> list[tuple[str, str]]:
        """Return what was taken down so far."""
        return [(status.strip(), _plain(line)) for status, line in self.look("window.watched")]

    @property
    def messages(self) -> list[str]:
        """The messages on the screen."""
        return list(self.look(_MESSAGES))

    @property
    def buttons(self) -> list[str]:
        """The buttons of the messages on the screen."""
        return list(self.look(_BUTTONS))

    def wait(self, true: Callable[[], bool], what: str) -> None:
        """Ask again and again until it is true; fail with ``what`` where that takes too long."""
        assert _comes_true(true, SECONDS), f"never happened: {what}"


def _comes_true(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u200b", "")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  (an address of this machine)
            return bool(answer.status == 200)
    except OSError:
        return False
