"""What became of a suggestion reaches the daemon's counters, and what they amount to the status."""

from dataclasses import replace
from typing import Any

import pytest

from ...daemon.cli.status import screen
from ...daemon.client import Client
from ...daemon.protocol import Status
from ...daemon.settings import load_settings
from .client import Editor
from .conftest import Desk
from .engine import Script
from .test_typing import Pen


def status(desk: Desk) -> Status:
    """The daemon's state."""
    settings = load_settings({"runtime_dir": str(desk.folder / "run"), "target": str(desk.target)})
    with Client.connect(settings, spawn=False) as client:
        return client.status()


def counts(desk: Desk, *actions: str) -> list[int]:
    """How often the daemon was told of each action."""
    counted = status(desk).outcomes
    return [counted.get(f"feedback.{action}", 0) for action in actions]


def item_of(pen: Pen) -> dict[str, Any]:
    """The one item at the cursor."""
    (item,) = pen.editor.items(pen.uri, 1, pen.column)
    return item


def accept(pen: Pen, item: dict[str, Any]) -> bool:
    """What editors do: the text goes in, then the command is run."""
    pen.type(item["insertText"][pen.column :])
    return run_command(pen.editor, item)


def run_command(editor: Editor, item: dict[str, Any]) -> bool:
    """Run the item's command."""
    command = item["command"]
    params = {"command": command["command"], "arguments": command["arguments"]}
    return bool(editor.result("workspace/executeCommand", params))


def told(desk: Desk, editor: Editor, wanted: dict[str, int]) -> None:
    """Wait for the daemon to have counted so."""
    editor.wait(lambda: counts(desk, *wanted) == list(wanted.values()), f"the counts {wanted}")


def test_shown_accepted_and_partly_accepted_are_counted(desk: Desk) -> None:
    editor = desk.editor()
    uri = desk.uri("a.py")
    editor.open(uri, Script(text="on😀e two").as_line() + "x = ")
    (item,) = editor.items(uri, 1, 4)
    for _ in range(2):
        editor.notify("textDocument/didShowCompletion", {"item": item})
    for length in (4, 6, 8, 8, 3, -1, "x"):  # UTF-16 units of the whole text, what was typed included
        params = {"item": item, "acceptedLength": length}
        editor.notify("textDocument/didPartiallyAcceptCompletion", params)
    assert [run_command(editor, item), run_command(editor, item)] == [True, False]
    characters = {"shown.characters": 8, "partly_accepted.characters": 3, "accepted.characters": 5}
    told(desk, editor, {"shown": 1, "partly_accepted": 2, "accepted": 1} | characters)
    suggestions = status(desk).suggestions
    assert (suggestions.acceptance, suggestions.accepted_characters) == (1.0, 8), "one suggestion, accepted"


def test_a_suggestion_counts_once_however_often_it_is_given(desk: Desk) -> None:
    editor = desk.editor()
    pen = Pen(desk, editor, text="call(a)")
    for letter in "cal":
        editor.notify("textDocument/didShowCompletion", {"item": item_of(pen)})
        pen.type(letter)
    assert accept(pen, item_of(pen))
    pen.type("!")
    told(desk, editor, {"shown": 1, "accepted": 1, "accepted.characters": 4, "dismissed": 0, "answered": 4})
    told(desk, editor, {"answered.model": 1, "answered.cache": 3})


def test_what_another_text_or_place_passes_by_was_dismissed(desk: Desk) -> None:
    editor = desk.editor()
    for number, (start, end, text, line) in enumerate([(4, 4, "q", 1), (3, 4, "", 1), (0, 2, "", 2)], 1):
        pen = Pen(desk, editor, text="call(a)")
        item_of(pen)
        pen.replace(start, end, text, line=line)
        told(desk, editor, {"shown": number, "dismissed": number})
    pen = Pen(desk, editor, text="call(a)")
    item_of(pen)
    pen.column = 1
    pen.shown()
    told(desk, editor, {"shown": 4, "dismissed": 4})
    typed = Pen(desk, editor, text="call(a)")
    item_of(typed)
    typed.type("call(a)")
    typed.type("\n")
    told(desk, editor, {"shown": 5, "dismissed": 4})


def test_where_the_editor_tells_what_it_shows_only_that_counts(desk: Desk) -> None:
    editor = desk.editor()
    first, second = Pen(desk, editor, text="call(a)"), Pen(desk, editor, text="call(b)")
    editor.notify("textDocument/didShowCompletion", {"item": item_of(first)})
    item_of(second)
    second.type("q")
    first.type("q")
    told(desk, editor, {"shown": 1, "dismissed": 1, "answered": 2})


def test_what_the_user_does_not_want_is_not_shown_again(desk: Desk) -> None:
    editor = desk.editor()
    pen = Pen(desk, editor, text="call(a)")
    editor.notify("textDocument/didDismissCompletion", {"item": item_of(pen)})
    assert pen.shown() == []
    assert pen.shown(invoked=True) == ["x = call(a)"]
    pen.type("c")
    assert pen.shown() == ["x = call(a)"], "at another place"
    told(desk, editor, {"shown": 1, "dismissed": 1})


@pytest.mark.parametrize("edit", ["", "other"])
def test_what_is_left_of_an_accepted_text_is_looked_up_later(desk: Desk, edit: str) -> None:
    editor = desk.editor()
    pen = Pen(desk, editor, text="alpha\nbeta(\n)")
    item = item_of(pen)
    assert accept(pen, item)
    pen.replace(0, 0, "# a line above\n", line=1)
    if edit:
        pen.replace(0, 5, edit, line=3)
    wanted = len("alpha\nbeta(\n)")
    told(desk, editor, {"retained": 1, "retained.of": wanted})
    share = status(desk).suggestions.retained
    assert share is not None
    assert (share == 1.0) is not bool(edit)
    assert share > 0.3


def test_the_status_shows_what_editors_did(desk: Desk) -> None:
    editor = desk.editor()
    pen = Pen(desk, editor, text="call(a)")
    item_of(pen)
    pen.type("c")
    assert accept(pen, item_of(pen))
    told(desk, editor, {"accepted": 1, "answered": 2, "retained": 1})
    shown = screen(replace(status(desk), engine={}))
    assert "1 shown · 1 accepted · 0 in part · 0 dismissed · acceptance 100%" in shown
    assert "6 characters taken, 100% still there after 30 s" in shown
    assert "2 answers, 50% without a new request: 1 from cache, 0 carried over, 0 prefetched" in shown
    assert "call" not in shown


def test_tokens_nobody_asked_for_in_the_end_are_wasted(desk: Desk) -> None:
    editor = desk.editor()
    pen = Pen(desk, editor, text="w " * 500, delay=0.01)
    pen.ask()
    editor.wait(pen.noted, "the engine was asked")
    pen.type("q")
    editor.wait(lambda: pen.noted("cancelled"), "the engine saw the cancel")
    assert item_of(Pen(desk, editor, text="call(a)"))
    figures = status(desk).suggestions
    assert (figures.wasted_tokens, figures.wasted) == (1, 0.5), "the scripted engine emits one for each"


def test_items_nobody_knows_count_for_nothing(shared_desk: Desk, editor: Editor) -> None:
    pen = Pen(shared_desk, editor)
    assert item_of(pen)
    actions = ("accepted", "partly_accepted", "dismissed")
    before = counts(shared_desk, *actions)
    strangers: list[Any] = [None, {}, {"command": {"arguments": ["999"]}}, {"command": {"arguments": []}}]
    for item in strangers:
        for method in ("didShowCompletion", "didDismissCompletion", "didPartiallyAcceptCompletion"):
            editor.notify(f"textDocument/{method}", {"item": item, "acceptedLength": 1})
    params = {"command": "paceline.didAccept", "arguments": ["999"]}
    assert editor.result("workspace/executeCommand", params) is False
    assert counts(shared_desk, *actions) == before
