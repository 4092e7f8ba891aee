"""Where was edited lately."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ....lsp.context.regions import MOST, Regions
from ....lsp.context.windows import MOST_LINES
from ....lsp.difference import difference
from ....lsp.text import ENCODINGS, Text

A, B = Path("/p/a.py"), Path("/p/b.py")


def text_of(content: str) -> Text:
    """A text in the usual encoding."""
    return Text.of(content, ENCODINGS["utf-16"])


def numbered(count: int = 200) -> Text:
    """A text of numbered lines."""
    return text_of("".join(f"line {number}\n" for number in range(count)))


def edit(regions: Regions, path: Path, text: Text, line: int, new: str) -> Text:
    """Write ``new`` at the start of a line."""
    at = text.line_start(line)
    after = text.replace(at, at, new)
    made = difference(text, after)
    assert made is not None
    regions.edited(path, after, made)
    return after


def test_an_edit_comes_with_lines_around_it() -> None:
    regions = Regions()
    edit(regions, A, numbered(), 100, "new ")
    (window,) = regions.windows()
    lines = window.text.split("\n")
    assert (window.path, window.line) == (A, 92)
    assert (lines[0], lines[8], lines[-1]) == ("line 92", "new line 100", "line 108")


def test_the_latest_is_first_and_edits_close_together_are_one() -> None:
    regions, one, other = Regions(), numbered(), numbered()
    one = edit(regions, A, one, 100, "x")
    other = edit(regions, B, other, 10, "y")
    one = edit(regions, A, one, 104, "z")
    windows = regions.windows()
    assert [window.path for window in windows] == [A, B]
    assert "xline 100" in windows[0].text and "zline 104" in windows[0].text


def test_regions_move_with_what_is_written_above_them() -> None:
    regions, text = Regions(), numbered()
    text = edit(regions, A, text, 150, "kept ")
    text = edit(regions, A, text, 10, "more\n" * 30)
    first, second = regions.windows()
    assert "more" in first.text
    assert second.line == 150 + 30 - 8 and "kept line 150" in second.text


def test_a_region_does_not_grow_without_end() -> None:
    regions, text = Regions(), numbered(400)
    for line in range(0, 300, 5):
        text = edit(regions, A, text, line, "x")
    assert all(window.text.count("\n") < MOST_LINES for window in regions.windows())
    assert len(regions.windows()) <= MOST


EDITS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 900), st.integers(0, 90), st.text("a\n", max_size=9))
)


@given(EDITS)
def test_windows_are_lines_of_the_latest_text(edits: list[tuple[bool, int, int, str]]) -> None:
    regions, texts = Regions(), {A: numbered(100), B: numbered(100)}
    for first, place, removed, inserted in edits:
        path = A if first else B
        start = min(place, len(texts[path]))
        after = texts[path].replace(start, min(start + removed, len(texts[path])), inserted)
        made = difference(texts[path], after)
        if made is not None:
            regions.edited(path, after, made)
        texts[path] = after
        for window in regions.windows():
            lines = str(texts[window.path]).split("\n")[window.line : window.line + MOST_LINES]
            assert "\n".join(lines).startswith(window.text)
