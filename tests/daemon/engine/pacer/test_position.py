"""The kind of place, for text written from a cursor on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.pacer.position import Position
from .....daemon.engine.pacer.signals import KINDS
from .....daemon.engine.records import Completion
from .....daemon.engine.stops.place import Place


def kind(prefix: str, written: str, path: str = "a.py") -> str:
    position = Position(Place.of(Completion(path=path, prefix=prefix)))
    position.feed(written)
    return KINDS[position.kind]


@pytest.mark.parametrize(
    ("prefix", "written", "expected"),
    [
        ("", "", "start"),
        ("def f():\n    ", "", "start"),
        ("def f():\n", "    return", "code"),
        ("x = 1", "\n    ", "start"),
        ("x = f", "(a, b", "bracket"),
        ("x = f(a,\n", "  ", "start"),
        ("x = f(a)", "  # why", "comment"),
        ("# why", "\n", "start"),
        ("x = ", '"some', "string"),
        ("x = 'some", " text'", "code"),
        ("import os\nos", ".", "dot"),
        ("import os\nos.", "", "dot"),
        ("print(os", ".", "dot"),
        ('"""Doc', "\nmore", "string"),
    ],
)
def test_kinds(prefix: str, written: str, expected: str) -> None:
    assert kind(prefix, written) == expected


def test_comments_of_another_language() -> None:
    assert kind("int x; ", "/* why", "a.c") == "comment"
    assert kind("int x; ", "// why", "a.c") == "comment"


@given(st.text(alphabet="ab.(#'\"\n ]", max_size=40), st.integers(0, 40))
def test_it_matters_not_how_the_text_was_divided(text: str, at: int) -> None:
    assert kind("", text) in KINDS
    position = Position(Place.of(Completion(path="a.py", prefix="")))
    position.feed(text[:at])
    position.feed(text[at:])
    assert KINDS[position.kind] == kind("", text)
