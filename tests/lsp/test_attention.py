"""Several documents followed at once: what was last done to each, and the rhythm of all."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from ...lsp import attention as attention_module
from ...lsp.attention import Attention
from ...lsp.documents import Snapshot
from ...lsp.place import Place, place_at
from ...lsp.text import ENCODINGS, Text


class Desk:
    """Attention with a clock of its own."""

    def __init__(self, clock: SimpleNamespace) -> None:
        self.attention = Attention()
        self.clock = clock

    def open(self, code: str, uri: str = "untitled:a") -> Snapshot:
        """Open a document."""
        document = Snapshot(uri, "python", 1, Text.of(code, ENCODINGS["utf-16"]))
        self.attention.opened(document)
        return document

    def change(self, document: Snapshot, start: int, end: int, new: str, changes: int = 1) -> Snapshot:
        """Change a document."""
        document = replace(document, text=document.text.replace(start, end, new))
        self.attention.changed(document, changes)
        return document

    def welcome(self, document: Snapshot, offset: int) -> bool:
        """Whether a suggestion is welcome."""
        return self.attention.is_welcome(document, self.place(document, offset))

    def place(self, document: Snapshot, offset: int) -> Place:
        """The place at an offset."""
        return place_at(document.text, *document.text.position(offset))


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Attention that is let go of after the test."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(attention_module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    desk = Desk(clock)
    yield desk
    desk.attention.close()


def test_where_something_was_typed_it_is_welcome_and_where_it_was_deleted_not(desk: Desk) -> None:
    document = desk.change(desk.open("x = \n"), 4, 4, "f(")
    assert desk.welcome(document, 6)
    document = desk.change(document, 5, 6, "")
    assert not desk.welcome(document, 5)


def test_what_is_done_to_one_document_says_nothing_of_another(desk: Desk) -> None:
    one, other = desk.open("x = 1", "untitled:a"), desk.open("x = 1", "untitled:b")
    desk.change(one, 4, 5, "")
    assert desk.welcome(other, 5)


def test_a_document_opened_anew_has_no_past(desk: Desk) -> None:
    document = desk.change(desk.open("x = 12"), 5, 6, "")
    assert not desk.welcome(document, 5)
    desk.attention.closed(document.uri)
    assert desk.welcome(desk.open(str(document.text)), 5)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_only_the_cursors_own_line_counts(desk: Desk, line_end: str) -> None:
    document = desk.open(f"}}{line_end}x = 😀({line_end}foo")
    assert desk.welcome(document, len(f"}}{line_end}x = 😀("))
    assert not desk.welcome(document, 1)
    assert not desk.welcome(document, len(f"}}{line_end}x = "))


def test_news_of_a_document_that_nobody_opened_does_no_harm(desk: Desk) -> None:
    unknown = Snapshot("untitled:unknown", "python", 2, Text.of("x = 1", ENCODINGS["utf-16"]))
    desk.attention.closed(unknown.uri)
    desk.attention.changed(unknown, 1)
    assert desk.welcome(unknown, 5)
    assert desk.attention.chunks(unknown, desk.place(unknown, 5), lambda _: True) == ()
    assert not desk.attention.shape(unknown, desk.place(unknown, 5)).multiline


def test_nothing_is_waited_for_before_a_key_and_long_after_one(desk: Desk) -> None:
    document = desk.open("x = \n")
    assert desk.attention.wait_seconds() == 0.0
    desk.change(document, 4, 4, "f")
    assert 0.0 < desk.attention.wait_seconds() <= 0.3
    desk.clock.now += 0.3
    assert desk.attention.wait_seconds() == 0.0


def test_only_keys_that_write_make_the_rhythm(desk: Desk) -> None:
    document = desk.change(desk.open("x = 12"), 5, 6, "")
    assert desk.attention.wait_seconds() == 0.0
    desk.change(document, 5, 5, "2")
    assert desk.attention.wait_seconds() > 0.0


def test_slow_answers_are_asked_for_later_than_quick_ones(desk: Desk) -> None:
    waits = []
    for seconds in (0.001, 1.0):
        document = desk.open("x = \n")
        for _ in range(30):
            desk.attention.answered(seconds)
        desk.clock.now += 10
        desk.change(document, 4, 4, "f")
        waits.append(desk.attention.wait_seconds())
    assert waits[0] < waits[1]


def test_a_selected_item_of_a_popup_counts_as_if_it_were_typed(desk: Desk) -> None:
    document = desk.change(desk.open("x = \n"), 4, 4, "f")
    place = desk.place(document, 5)
    selected = replace(place, prefix=place.prefix + "oo(", typed=place.typed + "oo(")
    assert desk.attention.is_welcome(document, selected)
    assert not desk.attention.is_welcome(document, replace(selected, prefix=selected.prefix + "a);"))
