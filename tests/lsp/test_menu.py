"""Editors without inline completion: the suggestion is an item of their popup menu."""

from typing import Any

import pytest

from .client import Editor, requests
from .conftest import Desk
from .engine import Script

COMPLETION = "textDocument/completion"


def menu(editor: Editor, uri: str, line: int, column: int) -> list[dict[str, Any]]:
    """The items of the menu at a place."""
    place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
    answer = editor.result(COMPLETION, place | {"context": {"triggerKind": 1}})
    assert answer["isIncomplete"]
    return list(answer["items"])


def plain_editor(desk: Desk) -> Editor:
    """An editor that says nothing of inline completion."""
    editor = desk.start()
    patient = {"deadlineMs": 20_000, "showAfterMs": 20_000}
    capabilities = editor.initialize(patient, capabilities={"textDocument": {}})
    assert "." in capabilities["completionProvider"]["triggerCharacters"]
    return editor


@pytest.mark.parametrize(
    ("typed", "text", "replaced", "label"),
    [
        ("x = os.pa", 'th.join("a")', "pa", 'path.join("a")'),
        ("x = ", "one two", "", "one two"),
        ("for 😀é in na", "mes:\n    pass", "na", "names: …"),
    ],
)
def test_the_item_goes_in_the_place_of_the_word(
    desk: Desk, typed: str, text: str, replaced: str, label: str
) -> None:
    editor = plain_editor(desk)
    uri = desk.uri("module.py")
    editor.open(uri, Script(text=text).as_line() + typed)
    column = len(typed.encode("utf-16-le")) // 2
    (item,) = menu(editor, uri, 1, column)
    edit = item["textEdit"]
    assert edit["newText"] == replaced + text
    assert edit["range"]["start"] == {"line": 1, "character": column - len(replaced)}
    assert edit["range"]["end"] == {"line": 1, "character": column}
    assert item["label"] == label
    assert item["filterText"] == (replaced + text).partition("\n")[0]
    assert item["documentation"] == replaced + text
    accepted = {"command": item["command"]["command"], "arguments": item["command"]["arguments"]}
    assert editor.result("workspace/executeCommand", accepted) is True


def test_an_editor_with_inline_completion_is_offered_no_menu(desk: Desk) -> None:
    editor = desk.start()
    assert "completionProvider" not in editor.initialize()
    uri = desk.uri("module.py")
    editor.open(uri, Script().as_line() + "x = ")
    place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 4}}
    assert "error" in editor.answer(editor.ask(COMPLETION, place))


def test_an_excluded_file_has_nothing_in_its_menu(desk: Desk) -> None:
    editor = plain_editor(desk)
    uri = desk.uri(".env")
    editor.open(uri, Script().as_line() + "x = ")
    assert menu(editor, uri, 1, 4) == []
    assert requests(desk.log) == []
