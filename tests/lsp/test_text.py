"""The text store against an obvious model: a list of code units, cut into lines from its start each time."""

import itertools
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ...lsp import text as text_module
from ...lsp.text import ENCODINGS, Text, clean

ODD = [
    "\n",
    "\r",
    "\r\n",
    "\f",
    "\v",
    "\x85",
    "\u2028",
    "\u2029",
    "\x1c",
    "\0",
    "e\u0301",
    "é",
    "ß",
    "😀",
    "👩‍💻",
    "\t",
]
words = st.lists(st.sampled_from([*ODD, "a", "b ", "xyz"]), max_size=12).map("".join)
changes = st.tuples(
    st.tuples(st.integers(0, 12), st.integers(0, 12)),
    st.tuples(st.integers(0, 12), st.one_of(st.integers(0, 12), st.just(2**31 - 1))),
    words,
)
encodings = st.sampled_from(sorted(ENCODINGS))


class Oracle:
    """The text as a list of units: each character gives its first unit the character, the others nothing."""

    def __init__(self, text: str, encoding: str) -> None:
        self.encoding = encoding
        self.units = self.units_of(text)

    def units_of(self, text: str) -> list[str]:
        """One entry per unit: the character at its first one, "" at the others."""
        codec, size = ENCODINGS[self.encoding].codec, ENCODINGS[self.encoding].size
        return [unit for char in text for unit in [char, *[""] * (len(char.encode(codec)) // size - 1)]]

    def lines(self) -> list[tuple[int, int]]:
        """Where each line begins and where its content ends, in units."""
        found, start, at = [], 0, 0
        while at < len(self.units):
            if self.units[at] in ("\r", "\n"):
                found.append((start, at))
                at += 1 if self.units[at : at + 2] != ["\r", "\n"] else 2
                start = at
            else:
                at += 1
        return [*found, (start, len(self.units))]

    def at(self, line: int, column: int) -> int:
        """The unit of a position, by the rules of the specification."""
        lines = self.lines()
        if line >= len(lines):
            return len(self.units)
        start, end = lines[line]
        at = min(start + column, end)
        while at < len(self.units) and self.units[at] == "":
            at -= 1
        return at

    def change(self, start: tuple[int, int], end: tuple[int, int], new: str) -> None:
        """Replace a range."""
        first, last = sorted((self.at(*start), self.at(*end)))
        self.units[first:last] = self.units_of(new)

    def __str__(self) -> str:
        return "".join(self.units)


def apply(text: Text, start: tuple[int, int], end: tuple[int, int], new: str) -> Text:
    """The same change on the real thing."""
    return text.replace(text.offset(*start), text.offset(*end), new)


def check(text: Text) -> None:
    """What holds for every text, whatever was done to it."""
    whole = str(text)
    rebuilt = Text.of(whole, text.encoding)
    assert text.chars[-1] == len(whole)
    assert text.units[-1] == rebuilt.units[-1]
    assert text.last_line == len(re.findall("\r\n|\r|\n", whole))
    assert all(text.chunks) or text.chunks == ("",)
    assert not any(
        before.endswith("\r") and after.startswith("\n")
        for before, after in zip(text.chunks, text.chunks[1:], strict=False)
    )
    for total, width in ((text.chars, len), (text.units, text.encoding.width)):
        assert [b - a for a, b in itertools.pairwise(total)] == [width(c) for c in text.chunks]


@pytest.fixture(params=[2, 5, 4096], ids="chunk{}".format)
def _chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "CHUNK", request.param)


@pytest.mark.usefixtures("_chunk")
def test_random_changes_give_the_text_of_the_oracle() -> None:
    @settings(max_examples=100, deadline=None)
    @given(words, st.lists(changes, max_size=25), encodings)
    def run(start: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]], encoding: str) -> None:
        text, oracle = Text.of(start, ENCODINGS[encoding]), Oracle(start, encoding)
        for edit in edits:
            text = apply(text, *edit)
            oracle.change(*edit)
            assert str(text) == str(oracle)
            check(text)

    run()


@pytest.mark.usefixtures("_chunk")
def test_positions_and_offsets_agree_with_the_oracle() -> None:
    @settings(max_examples=100, deadline=None)
    @given(words, st.integers(0, 15), st.integers(0, 15), encodings)
    def run(content: str, line: int, column: int, encoding: str) -> None:
        text, oracle = Text.of(content, ENCODINGS[encoding]), Oracle(content, encoding)
        offset = text.offset(line, column)
        assert "".join(oracle.units[: oracle.at(line, column)]) == content[:offset]
        assert text.offset(*text.position(offset)) == offset
        assert text.line_of(offset) == min(line, text.last_line)
        assert text.slice(0, offset) + text.slice(offset, len(text)) == content

    run()


def test_a_long_life_of_a_large_file() -> None:
    rng = random.Random(5)
    start = "".join(rng.choice([*ODD, "word ", "x = 1"]) for _ in range(20_000))
    text, expected = Text.of(start, ENCODINGS["utf-16"]), start
    for _ in range(1500):
        first = text.offset(rng.randrange(text.last_line + 2), rng.randrange(12))
        last = text.offset(text.line_of(first) + rng.choice([0, 0, 0, 1, 40]), rng.randrange(12))
        new = rng.choice([*ODD, "", "def f():\n", "z" * rng.choice([1, 30, 9000])])
        first, last = sorted((first, last))
        text, expected = text.replace(first, last, new), expected[:first] + new + expected[last:]
    assert str(text) == expected
    check(text)
    assert max(map(len, text.chunks)) <= 2 * text_module.CHUNK + 1
    assert len(text.chunks) <= 8 * (len(text) // text_module.CHUNK + 1), "chunks do not crumble"


@pytest.mark.parametrize(
    ("line", "column", "offset"),
    [
        (0, 0, 0),
        (0, 1, 0),  # inside the surrogate pair
        (0, 2, 1),
        (0, 99, 2),  # before \r\n, never inside or after it
        (1, 0, 4),
        (1, 3, 7),  # the form feed and U+2028 are characters of line 1
        (2, 0, 9),
        (2, 5, 10),
        (3, 0, 10),
        (99, 99, 10),
        (-1, 5, 0),
    ],
)
def test_positions_follow_the_specification(line: int, column: int, offset: int) -> None:
    assert Text.of("😀a\r\n\fb\u2028c\rd", ENCODINGS["utf-16"]).offset(line, column) == offset


def test_columns_count_units_of_the_encoding() -> None:
    columns = {"utf-8": 4, "utf-16": 2, "utf-32": 1}
    for name, column in columns.items():
        text = Text.of("😀x", ENCODINGS[name])
        assert text.offset(0, column) == 1
        assert text.position(1) == (0, column)


def test_halves_of_surrogate_pairs_become_characters_as_wide() -> None:
    assert clean("a\ud83db\ude00") == "a\ufffdb\ufffd"
    text = Text.of("x", ENCODINGS["utf-16"]).replace(1, 1, "\ud83d")
    text = text.replace(text.offset(0, 2), text.offset(0, 2), "\ude00y")
    assert str(text) == "x\ufffd\ufffdy"
    assert str(text).encode()


def test_a_change_leaves_older_texts_alone() -> None:
    old = Text.of("a\nb\n", ENCODINGS["utf-16"])
    new = old.replace(0, 1, "changed")
    assert (str(old), str(new)) == ("a\nb\n", "changed\nb\n")
