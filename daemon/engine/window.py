"""Which part of the text around the cursor goes into the prompt, and its tokens.

The start of the prefix window is anchored: it lies at a line whose number is a multiple of a block of lines
(in a very long line at a multiple of a block of characters) and moves by whole steps of blocks, each at least
about a quarter of the budget. Typing therefore leaves the tokens before the current line as they were, and
their KV with them. All answers depend on the text alone, not on earlier requests. Line ends are given as
``\\n``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

BLOCK_LINES = 16
FRAGMENT = 512
"""Characters of a block inside a long line."""
LONG_LINE = 2 * FRAGMENT
CHARS_PER_TOKEN = 8
"""Text beyond this many characters per token of budget is not looked at; code has three to four."""
TOKENS_PER_BLOCK = 160
REMEMBERED = 4096
TYPED = 32
"""Tokens in steps of which room is left for the current line: typing also makes them fewer."""

_NEWLINE = re.compile("\n")
_PROBE = "class A:\n    def f(self, a):\n        return {\n            a\n        }\n\n\n\tx = (1)\n\n    y\n"


class Encoder(Protocol):
    """What a window asks of a tokenizer: plain text to tokens, special strings staying text."""

    def encode(self, text: str) -> list[int]:
        """The tokens of ``text``."""


class Pieces:
    """Tokenises text piece by piece and remembers the pieces, so that a keystroke costs one short piece.

    A tokenizer either ends a token at a newline or lets it run on into the indentation that follows; pieces
    are cut where this one never puts a token across.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encode = lru_cache(maxsize=REMEMBERED)(lambda text: tuple(encoder.encode(text)))
        runs_on = not _cuts_alike(encoder, _after_newline) and _cuts_alike(encoder, _before_newline)
        self._cut = _before_newline if runs_on else _after_newline

    def encode(self, text: str) -> tuple[int, ...]:
        """The tokens of one piece."""
        return self._encode(text)

    def cut(self, text: str, line_start: int) -> int:
        """Where a piece may end so that the line at ``line_start`` begins the next one."""
        return self._cut(text, line_start)


def _after_newline(text: str, line_start: int) -> int:  # noqa: ARG001
    return line_start


def _before_newline(text: str, line_start: int) -> int:
    while line_start and text[line_start - 1].isspace():
        line_start -= 1
    return line_start


def _cuts_alike(encoder: Encoder, cut: Callable[[str, int], int]) -> bool:
    """Whether cutting with ``cut`` gives the tokens that the whole text has."""
    cuts = [0, *(cut(_PROBE, start) for start in _line_starts(_PROBE) if not _is_blank(_PROBE, start)), None]
    parts = [encoder.encode(_PROBE[begin:end]) for begin, end in pairwise(cuts)]
    return [token for part in parts for token in part] == encoder.encode(_PROBE)


def _line_starts(text: str) -> Iterator[int]:
    """Offsets of all lines but the first."""
    return (match.end() for match in _NEWLINE.finditer(text))


def _is_blank(text: str, line_start: int) -> bool:
    end = text.find("\n", line_start)
    return not text[line_start : end if end >= 0 else len(text)].strip()


def unix(text: str) -> str:
    """``text`` with every line end as a single newline character."""
    return text.replace("\r\n", "\n") if "\r" in text else text


@dataclass(frozen=True, slots=True)
class Block:
    """Tokens that stand together; ``anchor`` is the number of the block, None where no window may start."""

    anchor: int | None
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """The text before the cursor as blocks, the last the current line; ``whole`` if from the file's start."""

    blocks: tuple[Block, ...]
    whole: bool

    @property
    def size(self) -> int:
        """Tokens in all blocks."""
        return sum(len(block.tokens) for block in self.blocks)

    @property
    def tokens(self) -> list[int]:
        """All tokens, also those before any window."""
        return joined(self.blocks)

    def window(self, budget: int) -> list[int]:
        """The last tokens, at most ``budget``, from an anchored start.

        Starts at the earliest block that fits among those at a multiple of the step. Where not even the last
        block fits, its tokens are cut in steps of a quarter of the budget.
        """
        room = budget - self._reserve(budget)
        if self.whole and self.size <= room:
            return self.tokens
        step = _power_of_two(budget // (4 * TOKENS_PER_BLOCK))
        while step:
            start = self._earliest(step, room)
            if start is not None:
                return joined(self.blocks[start:])
            step //= 2
        return _cut_in_steps(self._from_last_anchor(), budget)

    def _reserve(self, budget: int) -> int:
        """Tokens by which the current line may still grow without moving the start."""
        typed = len(self.blocks[-1].tokens) if self.blocks else 0
        step = min(TYPED, max(1, budget // 16))
        return step - typed % step

    def _earliest(self, step: int, budget: int) -> int | None:
        """Index of the earliest block at a multiple of ``step`` from which everything fits."""
        best, size = None, 0
        for index in reversed(range(len(self.blocks))):
            block = self.blocks[index]
            size += len(block.tokens)
            if size > budget:
                break
            if block.anchor is not None and block.anchor % step == 0:
                best = index
        return best

    def _from_last_anchor(self) -> list[int]:
        anchored = [index for index, block in enumerate(self.blocks) if block.anchor is not None]
        return joined(self.blocks[max(anchored, default=0) :])


def joined(blocks: Sequence[Block]) -> list[int]:
    """The tokens of ``blocks`` in one list."""
    return [token for block in blocks for token in block.tokens]


def _power_of_two(number: int) -> int:
    """The largest power of two up to ``number``, at least 1."""
    return 1 << max(number, 1).bit_length() - 1


def _cut_in_steps(tokens: list[int], budget: int) -> list[int]:
    step = max(1, budget // 4)
    return tokens[-(-(len(tokens) - budget) // step) * step :]


def read_prefix(prefix: str, most: int, pieces: Pieces) -> Prefix:
    """The last blocks of ``prefix``: those in ``CHARS_PER_TOKEN`` characters for each of ``most`` tokens."""
    start, line, fragment = _tail_start(prefix, max(most * CHARS_PER_TOKEN, LONG_LINE))
    text = unix(prefix[start:])
    cuts = _cuts(text, line, fragment, pieces)
    ends = [*(offset for offset, _ in cuts[1:]), len(text)]
    blocks = (
        Block(anchor, pieces.encode(text[offset:end]))
        for (offset, anchor), end in zip(cuts, ends, strict=True)
    )
    return Prefix(tuple(blocks), whole=start == 0)


def _tail_start(prefix: str, most_chars: int) -> tuple[int, int, int]:
    """Where the last ``most_chars`` characters begin, rounded up to a line or a fragment of a long line.

    Returns the offset, the number of its line, and the fragment within that line.
    """
    start = max(0, len(prefix) - most_chars)
    line_start = prefix.rfind("\n", 0, start) + 1
    line = prefix.count("\n", 0, line_start)
    fragment = -(-(start - line_start) // FRAGMENT)
    aligned = line_start + fragment * FRAGMENT
    newline = prefix.find("\n", start, aligned)
    return (aligned, line, fragment) if newline < 0 else (newline + 1, line + 1, 0)


def _cuts(text: str, line: int, fragment: int, pieces: Pieces) -> list[tuple[int, int | None]]:
    """Offsets where blocks begin, each with its anchor, from 0 to the current line or a part of it.

    ``line`` and ``fragment`` say where in the file ``text`` begins.
    """
    starts = [0, *_line_starts(text)]
    ends = [*starts[1:], len(text)]
    aligned = fragment > 0 or line % BLOCK_LINES == 0
    cuts: list[tuple[int, int | None]] = [(0, (fragment or line // BLOCK_LINES) if aligned else None)]
    due: int | None = None
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), line):
        if start and number % BLOCK_LINES == 0:
            due = number // BLOCK_LINES
        last = end == len(text) and start == starts[-1]
        if start and (last or (due is not None and not text[start:end].isspace())):
            offset = pieces.cut(text, start)
            if offset > cuts[-1][0]:
                cuts.append((offset, due))
            due = None
        before = fragment if start == 0 else 0
        if end - start >= LONG_LINE or before:
            offsets = range(start + FRAGMENT, end, FRAGMENT)
            cuts.extend((offset, number_of) for number_of, offset in enumerate(offsets, before + 1))
            due = due if last else 1
    return cuts


def read_lines(text: str, most: int, pieces: Pieces) -> list[int]:
    """The first lines of ``text``, whole ones as far as ``most`` tokens go; a longer first line is cut."""
    whole = len(text) <= most * CHARS_PER_TOKEN
    text = unix(text[: most * CHARS_PER_TOKEN])
    tokens: list[int] = []
    begin = 0
    for end in _line_cuts(text, pieces):
        piece = pieces.encode(text[begin:end])
        unfinished = not whole and end == len(text)
        if len(tokens) + len(piece) > most or (unfinished and tokens):
            return tokens or list(piece[:most])
        tokens.extend(piece)
        begin = end
    return tokens


def _line_cuts(text: str, pieces: Pieces) -> Iterator[int]:
    """Where lines end, blank ones going with the line before them; the last is the end of the text."""
    for start in _line_starts(text):
        if not _is_blank(text, start) and pieces.cut(text, start):
            yield pieces.cut(text, start)
    yield len(text)


def share_out(total: int, needs: Sequence[int], shares: Sequence[float]) -> list[int]:
    """Divide ``total`` tokens: to each its share as far as it needs it, what is left over in the given order.

    Needs count in steps of an eighth of the total, so that a growing text seldom changes anyone's part.
    """
    step = max(1, total // 8)
    needs = [-(-need // step) * step for need in needs]
    parts = [min(need, int(share * total)) for need, share in zip(needs, shares, strict=True)]
    for index, need in enumerate(needs):
        parts[index] += max(0, min(need - parts[index], total - sum(parts)))
    return parts
