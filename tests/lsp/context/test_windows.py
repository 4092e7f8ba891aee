"""A text in windows."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ....lsp.context.windows import MOST_LINES, Window, similarity, windows_of, words_of

PATH = Path("/p/a.py")


@given(
    st.lists(
        st.sampled_from(["", "name = 1", "    other()", "def function():", "}", "x" * 500]), max_size=120
    )
)
def test_windows_are_lines_of_the_text_in_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    last = 0
    for window in windows_of(PATH, text):
        assert window.line >= last
        assert "\n".join(lines[window.line : window.end]) == window.text
        assert 0 < window.end - window.line <= MOST_LINES
        assert "x" * 500 not in window.text, "long lines are data"
        last = window.end


def test_windows_begin_at_definitions() -> None:
    body = "    statement_of_it(1)\n" * 12
    text = f"def first():\n{body}\n\ndef second():\n{body}\n\ndef third():\n{body}"
    assert [window.text.split("\n")[0] for window in windows_of(PATH, text)] == [
        "def first():",
        "def second():",
        "def third():",
    ]


def test_nothing_is_lost_but_data() -> None:
    text = "\n".join(f"name_{number} = value_{number}" for number in range(300))
    assert "\n".join(window.text for window in windows_of(PATH, text)) == text


def test_words_and_definitions() -> None:
    window = Window(
        PATH, 0, "class Store:\n    def load(self, path): return open_file(path)\nconst maxSize = 1"
    )
    assert window.words == {"Store", "load", "path", "open_file", "maxSize"}
    assert window.defines == {"Store", "load", "maxSize"}
    assert words_of("if x: return None") == frozenset()


def test_overlap() -> None:
    one, other = Window(PATH, 0, "a\nb\nc"), Window(PATH, 2, "c\nd")
    assert one.overlaps(other) and other.overlaps(one)
    assert not one.overlaps(Window(PATH, 3, "d"))
    assert not one.overlaps(Window(Path("/p/b.py"), 0, "a"))


def test_similarity() -> None:
    assert similarity(frozenset("ab"), frozenset("bc")) == 1 / 3
    assert similarity(frozenset(), frozenset()) == 0.0
