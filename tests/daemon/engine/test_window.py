"""The window around the cursor: anchored, bounded, and cheap for a keystroke."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.window import (
    BLOCK_LINES,
    CHARS_PER_TOKEN,
    FRAGMENT,
    LONG_LINE,
    Pieces,
    read_lines,
    read_prefix,
    share_out,
)
from .tiny import SOURCE, Style, tokenizer

STYLES: list[Style] = ["runs on", "ends"]
WHOLE = 1 << 20
texts = st.one_of(
    st.text("ab \n\t(:", max_size=300),
    st.lists(st.sampled_from(["x = 1\n", "\n", "    if y:\n", "z" * 700, "é\r\n", "  \n"]), max_size=60).map(
        "".join
    ),
)


class Counting:
    """An encoder that gives one token per three characters and keeps count of what it was asked."""

    def __init__(self) -> None:
        self.characters = 0

    def encode(self, text: str) -> list[int]:
        self.characters += len(text)
        return [hash(text[index : index + 3]) for index in range(0, len(text), 3)]


def text_of(tokens: list[int], style: Style) -> str:
    return tokenizer(style).decode(tokens)


def shared(one: list[int], other: list[int]) -> int:
    return next(
        (i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("budget", [300, 1000, 4000])
def test_window_is_the_end_of_the_text_as_tokenised_whole(style: Style, budget: int) -> None:
    prefix = SOURCE[:60_000]
    window = read_prefix(prefix, WHOLE, Pieces(tokenizer(style))).window(budget)
    assert budget // 2 < len(window) <= budget
    assert window == tokenizer(style).encode(prefix)[-len(window) :]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("budget", [300, 1000, 4000])
def test_window_starts_at_a_block_of_lines(style: Style, budget: int) -> None:
    prefix = SOURCE[:60_000]
    text = text_of(read_prefix(prefix, budget, Pieces(tokenizer(style))).window(budget), style).lstrip("\n")
    line = prefix[: len(prefix) - len(text)].count("\n")
    skipped = 0  # blank lines at a block's start go with the block before
    while (line - skipped) % BLOCK_LINES:
        skipped += 1
        assert not prefix.split("\n")[line - skipped].strip()


@pytest.mark.parametrize("style", STYLES)
def test_typing_leaves_all_tokens_before_the_current_line(style: Style) -> None:
    encoder, typed, budget = tokenizer(style), range(50_000, 50_600), 800
    pieces = Pieces(encoder)
    windows = {end: read_prefix(SOURCE[:end], budget, pieces).window(budget) for end in typed}
    moves = 0
    for before, after in pairwise(typed):
        if SOURCE[before] == "\n":
            continue
        line_start = SOURCE.rindex("\n", 0, after)
        same, on_line = shared(windows[before], windows[after]), len(encoder.encode(SOURCE[line_start:after]))
        moves += same < len(windows[after]) - on_line - 1
    assert moves <= 2  # the start itself, once for about two hundred tokens


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("above", [LONG_LINE, 8_000])
def test_a_line_that_is_being_typed_moves_the_start_once_at_most(style: Style, above: int) -> None:
    """Typing also makes tokens fewer ("ret", "retu", "return"), which must not move the start back."""
    pieces, text = Pieces(tokenizer(style)), SOURCE[: SOURCE.index("\n", above) + 1]
    line = "        self.parser.error(action.dest, default=action.default)"
    prefixes = [read_prefix(text + line[:typed], WHOLE, pieces) for typed in range(1, len(line))]
    most = prefixes[0].size
    for budget in range(max(most // 2, most - 300), most + 40, 3):
        moves = sum(
            shared(before, after) < 20 for before, after in pairwise(each.window(budget) for each in prefixes)
        )
        assert moves <= 1, budget


@pytest.mark.parametrize("style", STYLES)
def test_start_moves_seldom_while_lines_are_added(style: Style) -> None:
    budget, pieces = 800, Pieces(tokenizer(style))
    lines = SOURCE.splitlines(keepends=True)
    windows = [read_prefix("".join(lines[:n]), budget, pieces).window(budget) for n in range(400, 560)]
    moves = sum(shared(before, after) < 20 for before, after in pairwise(windows))
    added = len(tokenizer(style).encode("".join(lines[400:560])))
    assert 1 <= moves <= added / (budget / 8)


@given(texts, st.integers(1, 200), st.sampled_from(STYLES))
def test_budget_holds_for_any_text(prefix: str, budget: int, style: Style) -> None:
    read = read_prefix(prefix, budget, Pieces(tokenizer(style)))
    window = read.window(budget)
    assert len(window) <= budget
    data = b"".join(map(tokenizer(style).bytes_of, window))
    assert prefix.replace("\r\n", "\n").encode().endswith(data)
    if len(read.tokens) <= budget and len(prefix) < LONG_LINE:
        assert text_of(window, style) == prefix.replace("\r\n", "\n")


@given(texts, st.sampled_from(STYLES))
def test_reading_everything_loses_nothing(prefix: str, style: Style) -> None:
    pieces = Pieces(tokenizer(style))
    read = read_prefix(prefix, WHOLE, pieces)
    assert read.whole
    assert text_of(read.tokens, style) == prefix.replace("\r\n", "\n")
    assert text_of(read_lines(prefix, WHOLE, pieces), style) == prefix.replace("\r\n", "\n")


@given(st.integers(0, 3000), st.integers(1, 40))
def test_giant_line_moves_in_steps_of_a_fragment(size: int, typed: int) -> None:
    line = "".join(f"v{number}," for number in range(2000))[: 5000 + size]
    pieces = Pieces(Counting())
    one, other = (read_prefix(text, 900, pieces).window(900) for text in (line, line + "w" * typed))
    same = shared(one, other)
    assert len(one) <= 900
    assert same >= len(one) - FRAGMENT // 3 - 1 or same == 0


def test_giant_line_fills_most_of_the_budget() -> None:
    window = read_prefix("x = [" + "1234, " * 500_000, 900, Pieces(Counting())).window(900)
    assert 450 < len(window) <= 900


def test_only_text_near_the_cursor_is_tokenised() -> None:
    encoder, budget = Counting(), 1000
    pieces = Pieces(encoder)
    encoder.characters = 0
    text = SOURCE * 20
    read_prefix(text, budget, pieces).window(budget)
    read_lines(text, budget, pieces)
    assert encoder.characters <= 2 * budget * CHARS_PER_TOKEN


def test_keystroke_tokenises_only_the_current_line() -> None:
    encoder, budget = Counting(), 2000
    pieces = Pieces(encoder)
    read_prefix(SOURCE[:70_000], budget, pieces)
    encoder.characters = 0
    prefix = SOURCE[:70_000] + "x"
    read_prefix(prefix, budget, pieces)
    # the first block slides along at the far end; a window never starts there
    assert encoder.characters <= len(prefix) - prefix.rindex("\n") + BLOCK_LINES * 80


@pytest.mark.parametrize("style", STYLES)
def test_lines_after_the_cursor_end_at_a_line_end(style: Style) -> None:
    suffix = SOURCE[30_000:]
    for most in range(20, 200, 7):
        tokens = read_lines(suffix, most, Pieces(tokenizer(style)))
        text = text_of(tokens, style)
        next_line = re.compile(r"\s*[^\n]+\n\s*").match(suffix, len(text))
        assert next_line is not None
        assert 0 < len(tokens) <= most < len(tokenizer(style).encode(suffix[: next_line.end()])) + 1
        assert suffix.startswith(text)
        assert text.endswith("\n") or suffix[len(text)] == "\n"


def test_long_first_line_after_the_cursor_is_cut() -> None:
    assert len(read_lines("word " * 1000 + "\nnext\n", 50, Pieces(tokenizer()))) == 50


@pytest.mark.parametrize("style", STYLES)
def test_lines_after_the_cursor_do_not_depend_on_what_is_typed_before(style: Style) -> None:
    pieces = Pieces(tokenizer(style))
    assert read_lines(")\n" + SOURCE, 300, pieces)[5:100] == read_lines("))\n" + SOURCE, 300, pieces)[5:100]


@pytest.mark.parametrize("style", STYLES)
def test_empty_text_gives_no_tokens(style: Style) -> None:
    pieces = Pieces(tokenizer(style))
    assert read_prefix("", 100, pieces).window(100) == []
    assert read_lines("", 100, pieces) == []


def test_carriage_returns_do_not_reach_the_model() -> None:
    pieces, unix = Pieces(tokenizer()), SOURCE[:5000]
    assert read_prefix(unix.replace("\n", "\r\n"), WHOLE, pieces) == read_prefix(unix, WHOLE, pieces)


@given(
    st.integers(8, 9000),
    st.tuples(*[st.integers(0, 20_000)] * 3),
)
def test_shares_never_pass_the_total_and_waste_nothing(total: int, needs: tuple[int, int, int]) -> None:
    parts = share_out(total, needs, (0.5, 0.2, 0.3))
    assert sum(parts) <= total
    assert all(
        part >= min(need, int(share * total))
        for part, need, share in zip(parts, needs, (0.5, 0.2, 0.3), strict=True)
    )
    if sum(needs) >= total:
        assert sum(parts) == total
    else:
        assert sum(parts) >= min(total, sum(needs))


def test_growing_text_seldom_changes_the_shares() -> None:
    parts = [tuple(share_out(4000, (need, 100, 9000), (0.5, 0.2, 0.3))) for need in range(0, 4000, 10)]
    assert len(set(parts)) <= 8
