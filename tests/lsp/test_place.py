"""What of a document is sent: enough, not too much, and from a place that stays while the user types."""

import pytest
from lsprotocol import types

from ...lsp.place import MAX_PREFIX, MAX_SUFFIX, Place, place_at, place_of_selected
from ...lsp.text import ENCODINGS, Text


def text_of(content: str) -> Text:
    """A text in the usual encoding."""
    return Text.of(content, ENCODINGS["utf-16"])


def test_a_small_file_is_sent_whole() -> None:
    place = place_at(text_of("a = 1\n\n    b = \n    c\n"), 2, 8)
    assert (place.prefix, place.suffix) == ("a = 1\n\n    b = ", "\n    c\n")
    assert (place.typed, place.next_character) == ("b = ", "\n")


@pytest.mark.parametrize("line", ["x\n", "value = compute(1, 2)\n", "y" * 200 + "\n", "z" * 5000 + "\n"])
def test_of_a_large_file_a_window_is_sent_that_seldom_moves(line: str) -> None:
    count = 400_000 // len(line)
    text = text_of(line * (2 * count))
    starts = set()
    for step in range(64):
        place = place_at(text, count, 0)
        assert MAX_PREFIX * 0.6 < len(place.prefix) <= MAX_PREFIX
        assert MAX_SUFFIX * 0.8 < len(place.suffix) <= MAX_SUFFIX
        assert place.prefix.startswith(line) or len(line) > 1000
        starts.add(len(str(text.slice(0, text.offset(count, 0)))) - len(place.prefix))
        at = text.offset(count, 0)
        text = text.replace(at, at, line if step % 8 == 0 else "q")
    assert len(starts) <= 3


def test_a_line_longer_than_the_window_is_cut_in_steps() -> None:
    text = text_of("a, " * 200_000)
    places = [place_at(text, 0, 500_000 + step) for step in range(0, 12_000, 100)]
    starts = {
        500_000 + step - len(place.prefix) for step, place in zip(range(0, 12_000, 100), places, strict=True)
    }
    assert len(starts) <= 2
    assert all(MAX_PREFIX * 0.8 < len(place.prefix) <= MAX_PREFIX for place in places)
    assert {place.typed for place in places} == {""}, "an item does not repeat so long a line"
    assert places[0].range.start == places[0].range.end == types.Position(0, 500_000)


def selected(text: str, start: tuple[int, int], end: tuple[int, int]) -> Place | None:
    """The place behind an item of the popup in ``f(pri) + 1``."""
    info = types.SelectedCompletionInfo(types.Range(types.Position(*start), types.Position(*end)), text)
    return place_of_selected(text_of("x\nf(pri) + 1\n"), info)


def test_the_place_behind_a_selected_item() -> None:
    place = selected("print", (1, 2), (1, 5))
    assert place is not None
    assert (place.prefix, place.typed, place.suffix) == ("x\nf(print", "print", ") + 1\n")
    assert place.range == types.Range(types.Position(1, 2), types.Position(1, 5))
    whole = selected("pri\ud83d", (1, 2), (1, 99))
    assert whole is not None
    assert (whole.typed, whole.suffix) == ("pri\ufffd", "\n")


def test_a_selected_item_stays_on_its_line() -> None:
    assert selected("print", (0, 0), (1, 5)) is None
    assert selected("pri\nnt", (1, 2), (1, 5)) is None
    assert selected("print", (1, 5), (1, 2)) is None
