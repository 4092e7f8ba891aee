"""What follows a suggestion is asked for before it is wanted, at no cost for what is wanted now."""

import pytest

from ...lsp.suggesting import new_line
from .client import Editor, requests
from .conftest import Desk
from .test_feedback import accept, item_of, status, told
from .test_typing import Pen


@pytest.fixture
def eager(desk: Desk) -> Editor:
    """An editor whose server asks ahead."""
    return desk.editor({"prefetch": True})


def prefixes(pen: Pen, event: str = "complete") -> list[str]:
    """What stood before the cursor on its line, in each request that the engine noted."""
    noted = requests(pen.desk.log, event)
    return [note["prefix"].partition("\n")[2] for note in noted if pen.uri.endswith(note["path"])]


def test_what_follows_a_suggestion_is_there_when_it_is_accepted(desk: Desk, eager: Editor) -> None:
    pen = Pen(desk, eager, text="a+")
    for number in range(1, 4):
        item = item_of(pen)
        assert item["insertText"] == "x = " + "a+" * number
        eager.wait(lambda number=number: len(prefixes(pen, "done")) == number + 1, "the next one was written")
        accept(pen, item)
    assert prefixes(pen) == ["x = " + "a+" * number for number in range(4)]
    told(desk, eager, {"answered.model": 1, "answered.prefetch": 2, "answered.cache": 0})
    assert status(desk).suggestions.wasted_tokens == 1, "the last one, which nobody wanted yet"


def test_typing_through_leaves_the_prefetched_one_for_the_end(desk: Desk, eager: Editor) -> None:
    pen = Pen(desk, eager, text="ab+", delay=0.05)
    item_of(pen)
    eager.wait(lambda: len(prefixes(pen)) == 2, "what follows is being written")
    for letter in "ab+":
        pen.type(letter)
    assert pen.shown() == ["x = ab+ab+"]
    assert prefixes(pen)[:2] == ["x = ", "x = ab+"]
    assert prefixes(pen, "cancelled") == []


def test_another_letter_ends_what_was_asked_ahead(desk: Desk, eager: Editor) -> None:
    pen = Pen(desk, eager, text="w " * 9 + "+", delay=0.05)
    item_of(pen)
    eager.wait(lambda: len(prefixes(pen)) == 2, "what follows is being written")
    pen.type("q")
    eager.wait(lambda: prefixes(pen, "cancelled"), "the engine saw the cancel")
    assert prefixes(pen) == ["x = ", "x = " + "w " * 9 + "+"]


def test_a_request_goes_before_what_was_asked_ahead(desk: Desk, eager: Editor) -> None:
    pen, other = Pen(desk, eager, text="w " * 200 + "+", delay=0.01), Pen(desk, eager, text="z+")
    item_of(pen)
    eager.wait(lambda: len(prefixes(pen)) == 2, "what follows is being written")
    assert other.shown() == ["x = z+"]
    assert len(prefixes(pen, "cancelled")) == 1


def test_nothing_is_asked_ahead_of_somebody_who_types(desk: Desk, eager: Editor) -> None:
    pen = Pen(desk, eager, text="abcdefgh+")
    item_of(pen)
    for letter in "abcdefgh":
        pen.type(letter)
        pen.ask()
    pen.type("q")
    assert pen.shown() == ["x = abcdefghqabcdefgh+"]
    assert prefixes(pen) == ["x = ", "x = abcdefghq"]


def test_nothing_is_asked_ahead_where_that_is_switched_off(shared_desk: Desk, editor: Editor) -> None:
    pen = Pen(shared_desk, editor, text="a+")
    accept(pen, item_of(pen))
    assert len(prefixes(pen)) == 1
    assert pen.shown() == ["x = a+a+"]


def test_behind_an_accepted_end_of_line_the_next_line_is_written_ahead(desk: Desk, eager: Editor) -> None:
    pen = Pen(desk, eager, text="call():", end=":")
    item = item_of(pen)
    eager.wait(lambda: len(prefixes(pen, "done")) == 2, "what follows on the line was written: nothing")
    accept(pen, item)
    assert pen.shown() == []
    eager.wait(lambda: len(prefixes(pen, "done")) == 3, "the next line was written")
    pen.type("\n    ")
    (item,) = eager.items(pen.uri, 2, 4)
    assert item["insertText"] == "call():"
    assert prefixes(pen)[:3] == ["x = ", "x = call():", "x = call():\n    "]


@pytest.mark.parametrize(
    ("prefix", "wanted"),
    [
        ("a = 1", "\n"),
        ("def f():\n    a = 1", "\n    "),
        ("def f():\n  if x:\n    a\n  if x: ", "\n    "),
        ("\tif (x) {", "\n\t\t"),
        ("", "\n"),
    ],
)
def test_a_new_line_is_indented_as_editors_do(prefix: str, wanted: str) -> None:
    assert new_line(prefix) == wanted
