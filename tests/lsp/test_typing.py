"""Typing along a suggestion: what is known is not asked again, and nothing stale is shown."""

import time
from typing import Any

import pytest

from .client import LSP, Editor, at
from .conftest import Desk
from .test_completion import asked, fresh

SLOW = {"text": " ".join(f"w{number:02}" for number in range(60)), "delay": 0.03}


class Pen:
    """A cursor in the second line of a document."""

    def __init__(self, desk: Desk, editor: Editor, **script: Any) -> None:
        self.desk, self.editor = desk, editor
        self.uri = fresh(desk, editor, "x = \nrest\n", **script)
        self.version, self.column = 1, 4

    def type(self, text: str, *, behind: str = "") -> None:
        """Type at the cursor; ``behind`` is what the editor closes by itself."""
        self.replace(self.column, self.column, text + behind)
        self.column += len(text)

    def delete(self, count: int) -> None:
        """Press backspace."""
        self.replace(self.column - count, self.column, "")
        self.column -= count

    def replace(self, start: int, end: int, text: str, *, line: int = 1) -> None:
        """Change a part of a line."""
        self.editor.send(self.change(start, end, text, line=line))

    def change(self, start: int, end: int, text: str, *, line: int = 1) -> dict[str, Any]:
        """The message of a change of a part of a line."""
        self.version += 1
        span = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        document = {"uri": self.uri, "version": self.version}
        params = {"textDocument": document, "contentChanges": [{"range": span, "text": text}]}
        return {"method": "textDocument/didChange", "params": params}

    def ask(self) -> int:
        """Ask unasked, as editors do after each key."""
        return self.editor.ask(LSP, at(self.uri, 1, self.column))

    def keys(self, text: str) -> list[int]:
        """Type fast: a change and a request for each letter, all at once; return the requests."""
        messages, ids = [], []
        for letter in text:
            messages.append(self.change(self.column, self.column, letter))
            self.column += 1
            ids.append(next(self.editor.ids))
            params = at(self.uri, 1, self.column)
            messages.append({"id": ids[-1], "method": LSP, "params": params})
        self.editor.send(*messages)
        return ids

    def shown(self, request: int | None = None, **context: Any) -> list[str]:
        """The texts of the answer to a request, or to one made now."""
        if request is None:
            request = self.editor.ask(LSP, at(self.uri, 1, self.column, **context))
        return [item["insertText"] for item in self.editor.answer(request)["result"]["items"]]

    def noted(self, event: str = "complete") -> int:
        """How often the engine noted an event about this document."""
        return len(asked(self.desk, self.uri, event))


@pytest.fixture
def pen(shared_desk: Desk, editor: Editor) -> Pen:
    """A pen whose suggestion is ``call(a, b)`` and another line."""
    return Pen(shared_desk, editor, text="call(a, b)\nmore()")


def test_what_is_typed_along_a_suggestion_is_not_asked_again(pen: Pen) -> None:
    whole = ["x = call(a, b)\nmore()"]
    assert pen.shown() == whole
    for letter in "call(a, b":
        pen.type(letter)
        assert pen.shown() == whole
    pen.delete(5)
    assert pen.shown() == whole, "backspacing too"
    pen.type("(a, b)")
    assert pen.shown() == whole
    assert pen.noted() == 1


def test_another_letter_is_another_question(pen: Pen) -> None:
    assert len(pen.shown()) == 1
    pen.type("cam")
    assert pen.shown() == ["x = camcall(a, b)\nmore()"]
    pen.delete(1)
    assert pen.shown() == ["x = call(a, b)\nmore()"], "on the way again"
    assert pen.noted() == 2


def test_brackets_closed_by_the_editor_are_seen_through(pen: Pen) -> None:
    assert len(pen.shown()) == 1
    pen.type("call")
    pen.type("(", behind=")")
    assert pen.shown() == ["x = call(a, b"]
    pen.type("a")
    assert pen.shown() == ["x = call(a, b"]
    pen.replace(pen.column, pen.column + 1, "")
    assert pen.shown() == ["x = call(a, b)\nmore()"]
    assert pen.noted() == 1


def test_an_edit_elsewhere_makes_a_suggestion_stale(pen: Pen) -> None:
    assert len(pen.shown()) == 1
    pen.replace(0, 4, "edit", line=2)
    assert len(pen.shown()) == 1
    assert pen.noted() == 2, "below the cursor"
    pen.replace(0, 1, "y")
    assert pen.shown() == ["y = call(a, b)\nmore()"]
    assert pen.noted() == 3, "before the cursor"
    other = Pen(pen.desk, pen.editor)
    assert len(pen.shown()) == 1
    assert pen.noted() == 3, "a document was opened"
    other.type("z")
    assert len(pen.shown()) == 1
    assert pen.noted() == 4, "in another document"


def test_candidates_asked_for_by_hand_are_typed_through_too(shared_desk: Desk, editor: Editor) -> None:
    pen = Pen(shared_desk, editor, text="aa", sampled=["ab", "b"])
    assert pen.shown(invoked=True) == ["x = aa", "x = ab", "x = b"]
    assert pen.shown(invoked=True) == ["x = aa", "x = ab", "x = b"]
    assert pen.noted() == 3
    pen.type("a")
    assert pen.shown() == ["x = aa"]
    pen.type("b")
    assert pen.shown() == ["x = abaa"], "nothing left of it"
    pen.delete(2)
    pen.type("b")
    assert pen.shown() == ["x = baa"]


def test_where_nothing_was_suggested_nothing_is_asked_again(shared_desk: Desk, editor: Editor) -> None:
    pen = Pen(shared_desk, editor, text=" ")
    assert pen.shown() == pen.shown() == []
    assert pen.noted() == 1
    pen.type("a")
    assert pen.shown() == []
    assert pen.noted() == 2


def written(pen: Pen, pieces: float) -> None:
    """Let the engine write about so many pieces."""
    pen.editor.wait(pen.noted, "the engine was asked")
    time.sleep(pieces * SLOW["delay"])  # type: ignore[operator]


def test_a_running_request_is_carried_over_to_the_next_key(shared_desk: Desk, editor: Editor) -> None:
    pen = Pen(shared_desk, editor, **SLOW)
    requests = [pen.ask()]
    for letter in "w00 w01 w":
        written(pen, 1)
        pen.type(letter)
        requests.append(pen.ask())
    assert pen.shown(requests[-1]) == [f"x = {SLOW['text']}"]
    assert [pen.shown(request) for request in requests[:-1]] == [[]] * 9
    assert (pen.noted(), pen.noted("done"), pen.noted("cancelled")) == (1, 1, 0)


def test_a_running_request_ends_when_the_text_goes_another_way(shared_desk: Desk, editor: Editor) -> None:
    pen = Pen(shared_desk, editor, **SLOW)
    first = pen.ask()
    written(pen, 4)
    pen.type("wx")
    assert pen.shown(first) == []
    editor.wait(lambda: pen.noted("cancelled"), "the engine saw the cancel")
    second = pen.ask()
    editor.wait(lambda: pen.noted() == 2, "the engine was asked again")
    pen.delete(3)
    assert pen.shown(second) == []
    editor.wait(lambda: pen.noted("cancelled") == 2, "the engine saw the cancel")


def test_text_typed_ahead_of_the_engine_waits_for_it(shared_desk: Desk, editor: Editor) -> None:
    fits, differs = Pen(shared_desk, editor, **SLOW), Pen(shared_desk, editor, text="w0 " * 9, delay=0.2)
    for pen in (fits, differs):
        pen.ask()
        editor.wait(lambda pen=pen: pen.noted(), "the engine was asked")
        pen.type("w00")
        request = pen.ask()
        editor.wait(lambda request=request: request in editor.answers, "an answer")
        assert len(pen.shown(request)) == 1
    assert (fits.noted(), fits.noted("cancelled")) == (1, 0)
    assert (differs.noted(), differs.noted("cancelled")) == (2, 1)


def test_a_cancel_is_for_the_request_when_a_key_comes_with_it(shared_desk: Desk, editor: Editor) -> None:
    """VS Code cancels the request at a key and asks again a moment later."""
    pen = Pen(shared_desk, editor, **SLOW)
    request = pen.ask()
    written(pen, 4)
    cancel = {"method": "$/cancelRequest", "params": {"id": request}}
    editor.send(cancel, pen.change(pen.column, pen.column, "w0"))
    pen.column += 2
    assert pen.shown() == [f"x = {SLOW['text']}"]
    assert (pen.noted(), pen.noted("cancelled")) == (1, 0)


def test_a_moved_cursor_ends_a_running_request(shared_desk: Desk, editor: Editor) -> None:
    pen = Pen(shared_desk, editor, **SLOW)
    request = pen.ask()
    written(pen, 1)
    pen.column = 1
    second = pen.ask()
    assert pen.shown(request) == []
    editor.wait(lambda: pen.noted("cancelled"), "the engine saw the cancel")
    editor.notify("$/cancelRequest", {"id": second})


def test_whole_lines_are_shown_while_more_is_written(shared_desk: Desk, editor: Editor) -> None:
    lines = [f"line {number}\n" for number in range(30)]
    pen = Pen(shared_desk, editor, text="".join(lines), delay=0.05)
    editor.notify("workspace/didChangeConfiguration", {"settings": {"paceline": {"showAfterMs": 300}}})
    (item,) = pen.shown()
    assert item.startswith("x = line 0\nline 1")
    assert item.count("\n") < 29, "not all was written by then"
    typed = "".join(lines)[: len(item) - 4]
    pen.type(typed)
    document_line = 1 + typed.count("\n")
    (rest,) = editor.items(pen.uri, document_line, len(typed.rpartition("\n")[2]))
    assert rest["insertText"].startswith("line")
    assert (pen.noted(), pen.noted("cancelled")) == (1, 0), "accepted, and carried on"
    editor.notify("workspace/didChangeConfiguration", {"settings": {"paceline": {}}})


def test_keys_faster_than_the_wait_cost_the_daemon_nothing(pen: Pen) -> None:
    requests = pen.keys("quick")
    assert pen.shown(requests[-1]) == ["x = quickcall(a, b)\nmore()"]
    assert [pen.shown(request) for request in requests[:-1]] == [[]] * 4
    assert pen.noted() == 1


def test_nothing_is_suggested_to_somebody_who_deletes(pen: Pen) -> None:
    pen.type("cold")
    pen.delete(1)
    assert pen.shown() == []
    assert pen.shown(invoked=True) == ["x = colcall(a, b)\nmore()"]


def test_what_follows_a_popups_item_is_written_once_while_the_item_stays(
    shared_desk: Desk, editor: Editor
) -> None:
    pen = Pen(shared_desk, editor, **SLOW)

    def select() -> dict[str, Any]:
        """The item "print" selected for what is typed from the fifth column on."""
        start = {"line": 1, "character": 4}
        return {"range": {"start": start, "end": {"line": 1, "character": pen.column}}, "text": "print"}

    pen.type("pr")
    requests = [editor.ask(LSP, at(pen.uri, 1, pen.column, selected=select()))]
    written(pen, 3)
    pen.type("i")
    requests.append(editor.ask(LSP, at(pen.uri, 1, pen.column, selected=select())))
    assert pen.shown(requests[1]) == ["print" + SLOW["text"]]  # type: ignore[operator]
    assert pen.shown(requests[0]) == []
    pen.type("nt")
    assert pen.shown() == [f"x = print{SLOW['text']}"], "the item was accepted"
    assert (pen.noted(), pen.noted("cancelled")) == (1, 0)
