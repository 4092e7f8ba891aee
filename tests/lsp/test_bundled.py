"""The language server over a real daemon with the bundled pair."""

import os
import signal
from typing import Any

from ...daemon.client import Client
from ...daemon.protocol import Status
from ...daemon.settings import load_settings
from .client import SECONDS, Editor
from .conftest import Desk

TEXT = '''import json
from pathlib import Path


def read(path: Path) -> dict[str, str]:
    """Read a file."""
    with path.open() as file:
        return json.load(file)


def write(path: Path, values: dict[str, str]) -> None:
    """Write a file."""
    with path.open("w") as file:
'''
CURSOR = (13, 8)
MINI = {"PACELINE_TARGET": "mini", "PACELINE_THREADS": "1", "module": "paceline"}


def started(desk: Desk) -> tuple[Editor, str]:
    """An editor with a document whose last line is to be written."""
    editor = desk.start(**MINI)
    editor.initialize({"deadlineMs": 20_000, "showAfterMs": 20_000, "leastConfidence": 0})
    uri = desk.uri("values.py")
    editor.open(uri, TEXT + "        ")
    editor.wait(lambda: text_at(editor, uri, CURSOR[1]), "a suggestion, the models being loaded", 4 * SECONDS)
    return editor, uri


def status(desk: Desk) -> Status:
    """The daemon's state."""
    names = {"runtime_dir": str(desk.folder / "run"), "target": "mini", "threads": 1}
    with Client.connect(load_settings(names), spawn=False) as client:
        return client.status()


def text_at(editor: Editor, uri: str, column: int) -> str:
    """The suggestion on the last line, what is typed of it included; "" where there is none."""
    items: list[dict[str, Any]] = editor.items(uri, CURSOR[0], column)
    return str(items[0]["insertText"]) if items else ""


def test_a_suggestion_is_typed_through_and_the_prompt_is_kept(desk: Desk) -> None:
    editor, uri = started(desk)
    suggested = text_at(editor, uri, CURSOR[1])
    line = suggested.partition("\n")[0]
    assert len(line) > 3, suggested
    for number, letter in enumerate(line[:-1]):
        editor.insert(uri, 2 + number, CURSOR[0], CURSOR[1] + number, letter)
        assert text_at(editor, uri, CURSOR[1] + number + 1) == suggested
    editor.wait(lambda: status(desk).suggestions.answered == len(line) + 1, "all answers were counted")
    assert status(desk).suggestions.from_cache == len(line)
    editor.insert(uri, 1 + len(line), CURSOR[0], CURSOR[1] + len(line) - 1, "\nx = [")
    editor.items(uri, CURSOR[0] + 1, 5)
    last = next(recent for recent in status(desk).recent if recent.op == "complete")
    assert last.reused > 4 * last.computed, "only what is new was computed"


def test_a_killed_daemon_is_replaced(desk: Desk) -> None:
    editor, uri = started(desk)
    (victim,) = desk.daemons()
    os.kill(victim, signal.SIGKILL)
    editor.insert(uri, 2, CURSOR[0], CURSOR[1], "j")
    editor.wait(lambda: text_at(editor, uri, CURSOR[1] + 1), "a suggestion from a new daemon", 4 * SECONDS)
    assert desk.daemons() != [victim]
    assert editor.heard("window/showMessage") == []
