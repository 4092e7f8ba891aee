"""Inline completions over the real process: what the editor gets and what the engine was asked."""

import itertools
from typing import Any

import pytest

from .client import LSP, Editor, at, requests
from .conftest import Desk
from .engine import Script

numbers = itertools.count()


def fresh(desk: Desk, editor: Editor, body: str, *, name: str = "", **script: Any) -> str:
    """Open a document of one's own whose second line starts with ``body``; return its URI."""
    uri = desk.uri(name or f"file{next(numbers)}.py")
    editor.open(uri, Script(**script).as_line() + body)
    return uri


def span(item: dict[str, Any]) -> tuple[int, int, int]:
    """The one line of an item's range, and its columns."""
    start, end = item["range"]["start"], item["range"]["end"]
    assert start["line"] == end["line"]
    return start["line"], start["character"], end["character"]


def asked(desk: Desk, uri: str, event: str = "complete") -> list[dict[str, Any]]:
    """What the engine was asked about a document."""
    name = uri.rpartition("/")[2]
    return [note for note in requests(desk.log, event) if note["path"].endswith(name)]


PLACES = [
    ("x = 1", (1, 5), "x = 1", (1, 0, 5)),
    ("    ret", (1, 7), "ret", (1, 4, 7)),
    ("\t\tret", (1, 5), "ret", (1, 2, 5)),
    ("    ", (1, 4), "", (1, 4, 4)),
    ("        ", (1, 2), "", (1, 2, 2)),
    ('s = "😀é" + ', (1, 12), 's = "😀é" + ', (1, 0, 12)),
    ("a = 1\r\nb = 😀\r\nc", (2, 6), "b = 😀", (2, 0, 6)),
    ("a\fb\u2028c = ", (1, 99), "a\fb\u2028c = ", (1, 0, 8)),
    ("a = 1\rb = 2", (2, 4), "b = ", (2, 0, 4)),
    ("x = ", (99, 99), "x = ", (1, 0, 4)),
]
Case = tuple[str, tuple[int, int], str, tuple[int, int, int]]


@pytest.mark.parametrize("case", PLACES, ids=lambda case: repr(case[0]))
def test_an_item_covers_its_line_up_to_the_cursor(shared_desk: Desk, editor: Editor, case: Case) -> None:
    body, cursor, typed, place = case
    uri = fresh(shared_desk, editor, body, text="made\n  up")
    (item,) = editor.items(uri, *cursor, invoked=True)
    assert item["insertText"] == item["filterText"] == typed + "made\n  up"
    assert span(item) == place
    (request, *_) = asked(shared_desk, uri)
    assert request["prefix"].endswith(typed)
    assert "\r" not in request["prefix"] + request["suffix"]


def test_the_engine_is_told_names_and_both_sides_of_the_cursor(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "x = (\r\n)\r\ny", name="src/deep/näme.py")
    assert editor.items(uri, 1, 5)
    (request,) = [note for note in requests(shared_desk.log) if note["path"] == "src/deep/näme.py"]
    assert (request["repository"], request["language"]) == ("project", "python")
    assert request["prefix"] == Script().as_line() + "x = ("
    assert request["suffix"] == "\n)\ny"
    assert request["temperature"] == 0.0
    assert 0 < request["deadline_ms"] <= 20_000


def test_changes_reach_the_engine_in_the_encoding_agreed_on(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "😀 = \fq")
    editor.insert(uri, 2, 1, 2, "é")
    editor.insert(uri, 1, 1, 0, "STALE")
    editor.insert(uri, 3, 1, 8, "\ud83d!")
    (item,) = editor.items(uri, 1, 99)
    assert item["insertText"].startswith("😀é = \fq\ufffd!")
    assert span(item) == (1, 0, 10)


def test_asking_by_hand_gives_different_candidates(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "x = ", text="a", sampled=["b", "a"])
    assert [item["insertText"] for item in editor.items(uri, 1, 4, invoked=True)] == ["x = a", "x = b"]
    assert [item["insertText"] for item in editor.items(uri, 1, 4)] == ["x = a"]
    first, second, third = asked(shared_desk, uri)
    assert first["temperature"] == 0.0
    assert second["temperature"] == third["temperature"] > 0
    assert second["seed"] != third["seed"]


def test_blank_text_is_no_suggestion(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "x", text="  ", sampled=["\n", ""])
    assert editor.items(uri, 1, 1, invoked=True) == []


def test_what_the_model_doubts_is_shown_by_hand_only(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "x = ", text="doubtful", chance=0.01)
    assert editor.items(uri, 1, 4, invoked=False) == []
    assert asked(shared_desk, uri)
    (item, *_) = editor.items(uri, 1, 4, invoked=True)
    assert item["insertText"] == "x = doubtful"
    sure = fresh(shared_desk, editor, "x = ", text="sure", chance=0.5)
    assert [item["insertText"] for item in editor.items(sure, 1, 4, invoked=False)] == ["x = sure"]


def test_nothing_is_suggested_unasked_inside_a_word(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "na_me = é1", sampled=["b", "c"])
    assert [editor.items(uri, 1, column) for column in (1, 2, 5, 8, 9)] == [[]] * 5
    assert asked(shared_desk, uri) == []
    assert len(editor.items(uri, 1, 10)) == 1
    assert len(editor.items(uri, 1, 2, invoked=True)) == 3


def test_the_item_selected_in_the_popup_is_taken_up(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "x = prn)", text="(1)")
    replaced = {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 7}}
    (item,) = editor.items(uri, 1, 7, selected={"range": replaced, "text": "print"})
    assert (item["insertText"], item["range"]) == ("print(1)", replaced)
    (request,) = asked(shared_desk, uri)
    assert (request["prefix"].split("\n")[1], request["suffix"]) == ("x = print", ")")
    across = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 7}}
    assert editor.items(uri, 1, 7, selected={"range": across, "text": "print"}) == []


def test_a_document_that_is_not_open_has_no_completions(shared_desk: Desk, editor: Editor) -> None:
    assert editor.items(shared_desk.uri("nowhere.py"), 0, 0, invoked=True) == []
    assert editor.items("not a uri", 0, 0) == []
    uri = fresh(shared_desk, editor, "x = ")
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert editor.items(uri, 1, 4) == []


def test_a_text_never_saved_is_completed(shared_desk: Desk, editor: Editor) -> None:
    editor.open("untitled:Untitled-1", Script().as_line() + "x = ")
    assert len(editor.items("untitled:Untitled-1", 1, 4)) == 1


def test_a_newer_request_ends_an_older_one_with_an_empty_list(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "x = ", text="w " * 2000, delay=0.01)
    other = fresh(shared_desk, editor, "y = ")
    older = [editor.ask(LSP, at(uri, 1, 4)) for _ in range(3)]
    editor.wait(lambda: asked(shared_desk, uri), "the engine was asked")
    older.append(editor.ask(LSP, at(uri, 1, 3)))
    beside = editor.ask(LSP, at(other, 1, 4))
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert [editor.answer(request)["result"]["items"] for request in older] == [[]] * 4
    assert len(editor.answer(beside)["result"]["items"]) == 1
    editor.wait(lambda: len(asked(shared_desk, uri, "cancelled")) == len(asked(shared_desk, uri)), "cancels")


def test_a_change_of_the_text_ends_what_is_under_way(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "x = ", text="w " * 2000, delay=0.01)
    request = editor.ask(LSP, at(uri, 1, 4))
    editor.wait(lambda: asked(shared_desk, uri), "the engine was asked")
    editor.insert(uri, 2, 1, 4, "1")
    assert editor.answer(request)["result"]["items"] == []
    editor.wait(lambda: asked(shared_desk, uri, "cancelled"), "the engine saw the cancel")


def test_an_answer_comes_by_the_deadline(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "x = ", text="w " * 2000, delay=0.01)
    editor.notify("workspace/didChangeConfiguration", {"settings": {"paceline": {"deadlineMs": 500}}})
    assert editor.items(uri, 1, 4) == []
    editor.wait(lambda: asked(shared_desk, uri, "cancelled"), "the engine saw the cancel")
    assert asked(shared_desk, uri)[0]["deadline_ms"] < 500
    editor.notify("workspace/didChangeConfiguration", {"settings": {"paceline": {}}})
    assert len(editor.items(fresh(shared_desk, editor, "x = "), 1, 4)) == 1


SECRET = "hunter2"


@pytest.mark.parametrize(
    "name", [".env", "deploy/id_rsa", "local.py", "private/x.py", "mine.sql", "a/../private/y.py"]
)
def test_excluded_files_never_reach_the_daemon(shared_desk: Desk, editor: Editor, name: str) -> None:
    (shared_desk.project / ".gitignore").write_text("local.py\n")
    (shared_desk.project / ".pacelineignore").write_text("private/\n")
    settings = {"exclude": ["*.sql"]}
    editor.notify("workspace/didChangeConfiguration", {"settings": {"paceline": settings}})
    uri = shared_desk.uri(name)
    editor.open(uri, f"password = {SECRET}\n")
    editor.notify("textDocument/didFocus", {"textDocument": {"uri": uri}})
    assert editor.items(uri, 1, 0) == editor.items(uri, 1, 0, invoked=True) == []
    assert SECRET not in shared_desk.log.read_text()
    editor.notify("workspace/didChangeConfiguration", {"settings": {"paceline": {}}})


def test_the_prompt_is_read_when_the_user_comes_back(shared_desk: Desk, editor: Editor) -> None:
    uri = fresh(shared_desk, editor, "x = ")
    focus: dict[str, Any] = {"textDocument": {"uri": uri}}
    editor.notify("textDocument/didFocus", focus)
    editor.notify("textDocument/didFocus", focus | {"position": {"line": 1, "character": 1 << 40}})
    editor.notify("textDocument/didFocus", focus | {"position": {"line": 1, "character": 2}})
    editor.wait(lambda: asked(shared_desk, uri, "warm"), "a prompt was read")
    assert len(editor.items(uri, 1, 4)) == 1
    editor.notify("textDocument/didFocus", focus)
    editor.wait(lambda: len(asked(shared_desk, uri, "warm")) == 2, "the prompt of the last place was read")
    prefixes = [note["prefix"].partition("\n")[2] for note in asked(shared_desk, uri, "warm")]
    assert prefixes == ["x ", "x = "]
    secret = shared_desk.uri("deploy/.env")
    editor.open(secret, SECRET)
    editor.notify(
        "textDocument/didFocus", {"textDocument": {"uri": secret}, "position": {"line": 0, "character": 1}}
    )
    assert len(editor.items(uri, 1, 4, invoked=True)) == 1
    assert SECRET not in shared_desk.log.read_text()


def test_the_last_suggestion_can_be_explained(desk: Desk) -> None:
    editor = desk.editor()

    def explanation() -> Any:
        return editor.result("workspace/executeCommand", {"command": "paceline.explainLast"})

    assert explanation() is None
    uri = fresh(desk, editor, "x = ", text="one two three")
    assert editor.items(uri, 1, 4)
    told = explanation()
    assert (told["text"], told["shown"], told["finish"]) == ("one two three", "one two three", "end")
    assert [(token["text"], token["origin"]) for token in told["tokens"]] == [
        ("one", "target"),
        (" two", "draft"),
        (" three", "draft"),
    ]
    assert told["ms"]["total"] > 0
    secret = fresh(desk, editor, "x = ", name=".env")
    assert editor.items(secret, 1, 4) == []
    assert explanation() == told
