"""What became of a suggestion reaches the daemon's counters."""

from typing import Any

from ...daemon.client import Client
from ...daemon.settings import load_settings
from .client import Editor
from .conftest import Desk
from .engine import Script


def outcomes(desk: Desk) -> dict[str, int]:
    """The daemon's counters of feedback."""
    settings = load_settings({"runtime_dir": str(desk.folder / "run"), "target": str(desk.target)})
    with Client.connect(settings, spawn=False) as client:
        counted = client.status().outcomes
    return {name: count for name, count in counted.items() if name.startswith("feedback")}


def test_shown_accepted_and_partly_accepted_are_counted(shared_desk: Desk, editor: Editor) -> None:
    uri = shared_desk.uri("a.py")
    editor.open(uri, Script(text="on😀e two").as_line() + "x = ")
    (item,) = editor.items(uri, 1, 4)
    for _ in range(2):
        editor.notify("textDocument/didShowCompletion", {"item": item})
    for length in (4, 6, 8, 8, 3, -1, "x"):  # UTF-16 units of the whole text, what was typed included
        params = {"item": item, "acceptedLength": length}
        editor.notify("textDocument/didPartiallyAcceptCompletion", params)
    command = item["command"]
    accept = {"command": command["command"], "arguments": command["arguments"]}
    assert [editor.result("workspace/executeCommand", accept) for _ in range(2)] == [True, False]
    wanted = {
        "feedback.shown": 1,
        "feedback.shown.characters": 8,
        "feedback.partly_accepted": 2,
        "feedback.partly_accepted.characters": 3,
        "feedback.accepted": 1,
        "feedback.accepted.characters": 5,
    }
    editor.wait(lambda: outcomes(shared_desk) == wanted, "the counts")


def test_items_nobody_knows_count_for_nothing(shared_desk: Desk, editor: Editor) -> None:
    before = outcomes(shared_desk)
    strangers: list[Any] = [None, {}, {"command": {"arguments": ["999"]}}, {"command": {"arguments": []}}]
    for item in strangers:
        editor.notify("textDocument/didShowCompletion", {"item": item})
    params = {"command": "paceline.didAccept", "arguments": ["999"]}
    assert editor.result("workspace/executeCommand", params) is False
    assert outcomes(shared_desk) == before
