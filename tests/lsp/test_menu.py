"""Editors without inline completion: the suggestion is an item of their popup menu."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from ...lsp.menu import has_inline_completion, menu_item
from ...lsp.place import place_at
from ...lsp.text import ENCODINGS, Text
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


def made(code: str, rest: str, encoding: str = "utf-16") -> tuple[Text, Any, Any]:
    """A text, the inline item that writes ``rest`` at the bar in it, and the menu's item for that."""
    before, _, after = code.partition("|")
    text = Text.of(before + after, ENCODINGS[encoding])
    place = place_at(text, *text.position(len(before)))
    command = types.Command("Tell", "tell", arguments=["1"])
    item = types.InlineCompletionItem(place.typed + rest, range=place.range, command=command)
    return text, item, menu_item(item, text)


@pytest.mark.parametrize(
    ("code", "rest", "word"),
    [
        ("|", "a", ""),
        ("foo|", "bar", "foo"),
        ("a.foo|", "bar", "foo"),
        ("\t😀 _x1|", "()", "_x1"),
        ("x\r\né|\r\n", "t", "é"),
        ("foo |", "bar", ""),
        ("x = '😀|", "'", ""),
        ("    |", "a", ""),
    ],
)
def test_what_a_menu_filters_by_begins_with_the_word_at_the_cursor(code: str, rest: str, word: str) -> None:
    _, _, item = made(code, rest)
    assert item.filter_text == item.text_edit.new_text == item.documentation == word + rest
    assert item.label == word + rest
    assert item.command is not None and item.command.arguments == ["1"]


@pytest.mark.parametrize(
    ("rest", "label"),
    [
        ("a(\n  b)", "a( …"),
        ("\n    return x", "return x"),
        ("\n\n\treturn x\n", "return x"),
        ("\n    return x\n    y", "return x …"),
        ("  a", "a"),
        ("a\n", "a"),
    ],
)
def test_an_item_is_called_by_the_first_line_that_says_something(rest: str, label: str) -> None:
    assert made("def f():|\n", rest)[2].label == label


LINES = st.text(st.sampled_from("ab_ .(\t😀é\r\n"), max_size=10)


@given(LINES, LINES, st.text("ab(\n é😀", min_size=1, max_size=8), st.sampled_from(sorted(ENCODINGS)))
def test_the_menus_item_makes_the_same_text_as_the_inline_one(
    before: str, after: str, rest: str, encoding: str
) -> None:
    if before.endswith("\r") and after.startswith("\n"):
        before += "a"
    text, inline, item = made(before + "|" + after, rest, encoding)
    whole = [
        str(
            text.replace(
                text.offset(r.start.line, r.start.character), text.offset(r.end.line, r.end.character), new
            )
        )
        for r, new in ((inline.range, inline.insert_text), (item.text_edit.range, item.text_edit.new_text))
    ]
    assert whole[0] == whole[1] == before + rest + after
    assert item.text_edit.range.start.line == item.text_edit.range.end.line


def test_a_snippet_or_an_item_without_a_range_is_none_of_ours() -> None:
    text = Text.of("", ENCODINGS["utf-16"])
    here = types.Range(types.Position(0, 0), types.Position(0, 0))
    for item in (
        types.InlineCompletionItem("x"),
        types.InlineCompletionItem(types.StringValue(value="$1"), range=here),
    ):
        with pytest.raises(TypeError):
            menu_item(item, text)


def test_whether_a_client_shows_ghost_text() -> None:
    document = types.TextDocumentClientCapabilities
    inline = types.InlineCompletionClientCapabilities()
    assert has_inline_completion(types.ClientCapabilities(text_document=document(inline_completion=inline)))
    assert not has_inline_completion(types.ClientCapabilities(text_document=document()))
    assert not has_inline_completion(types.ClientCapabilities())
