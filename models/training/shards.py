"""Token rows for training, written ahead of it as memory-mapped uint16 arrays, one file an epoch.

Every epoch draws new FIM splits. An FIM example always lies whole in one row, several short ones together;
the rest of a row is filled with pieces of plain documents, each under its file header.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from .corpus import Source
from .fim import CHARS_PER_TOKEN, END, PSM, SPM, Example, local_split, split, strip_notice
from .tokenizer import FILE, PREFIX, special_ids

Rows = NDArray[np.uint16]
GROUP = 256
LOCAL_MEAN = 115


def encode(
    tokenizer: Tokenizer, ids: dict[str, int], example: Example, order: str, back: int | None = None
) -> tuple[list[int], list[int]]:
    """Token ids of the prompt and of the middle, each piece tokenised on its own.

    With `back` the middle begins at a token of the whole text instead: the one that holds the cursor, or so
    many before it. That is what a healed prompt looks like (the engine backs up to a token border).
    """
    if back is None:
        prefix, middle = (tokenizer.encode(text).ids for text in (example.prefix, example.middle))
    else:
        whole = tokenizer.encode(example.prefix + example.middle)
        before = sum(end <= len(example.prefix) for _, end in whole.offsets)
        cut = max(0, before - back)
        prefix, middle = whole.ids[:cut], whole.ids[cut:]
    prompt: list[int] = []
    for special, text in example.pieces(order):
        if special is not None:
            prompt.append(ids[special])
        prompt += prefix if special == PREFIX else tokenizer.encode(text).ids
    return prompt, middle


def draw_back(draw: random.Random) -> int | None:
    """How an example is cut: at the character (a third), at the cursor's token, or one before it."""
    return draw.choice((None, 0, 1))


@dataclass(frozen=True)
class Mix:
    """Shares of the tokens: FIM examples with wide windows, those with short ones; SPM order among both."""

    wide: float = 0.5
    local: float = 0.0
    spm: float = 0.5

    @property
    def fim(self) -> float:
        """Share of FIM examples of both kinds among the tokens."""
        return self.wide + self.local


MIXES = {"even": Mix(), "fill": Mix(wide=0.25, local=0.45, spm=0.7)}


class Packer:
    """Fills rows of `length` tokens with whole examples first and pieces of plain text after."""

    def __init__(self, length: int, mix: Mix) -> None:
        self.length, self.mix = length, mix
        self._examples: dict[bool, list[list[int]]] = {False: [], True: []}
        self._plain: list[tuple[list[int], list[int]]] = []
        self._balance = {False: 0.0, True: 0.0}

    def add_example(self, tokens: list[int], local: bool = False) -> None:
        """Queue an example; one that is longer than a row is dropped."""
        if len(tokens) <= self.length:
            self._examples[local].append(tokens)

    def add_plain(self, header: list[int], body: list[int]) -> None:
        """Queue a document that may be cut anywhere."""
        self._plain.append((header, body))

    def shuffle(self, draw: random.Random) -> None:
        """Mix the queued examples, so that a row does not hold several of one file."""
        for queue in self._examples.values():
            draw.shuffle(queue)

    def rows(self, keep: int) -> Iterator[list[int]]:
        """Rows that can be filled while at least `keep` plain tokens stay queued."""
        while sum(len(body) for _, body in self._plain) > max(keep, self.length):
            yield self._row()

    def _row(self) -> list[int]:
        row: list[int] = []
        for local, share in ((False, self.mix.wide), (True, self.mix.local)):
            before = len(row)
            if self._balance[local] <= 0:
                self._put_whole(row, self._examples[local])
            self._balance[local] += len(row) - before - share * self.length
        while len(row) < self.length:
            header, body = self._plain.pop(0)
            room = self.length - len(row)
            opening = header if room > len(header) else []
            cut = room - len(opening)
            row += opening + body[:cut]
            if body[cut:]:
                self._plain.insert(0, (header, body[cut:]))
        return row

    def _put_whole(self, row: list[int], queue: list[list[int]]) -> None:
        for example in queue[:64]:
            if len(row) + len(example) <= self.length:
                row += example
                queue.remove(example)


def feed(
    packer: Packer, tokenizer: Tokenizer, ids: dict[str, int], source: Source, draw: random.Random
) -> None:
    """Queue one document: as several FIM examples, or plain."""
    text, mix = strip_notice(source.text), packer.mix
    if draw.random() >= mix.fim:
        header = [ids[FILE], *tokenizer.encode(source.path + "\n").ids]
        packer.add_plain(header, [*tokenizer.encode(text).ids, ids[END]])
        return
    tokens = len(text) / CHARS_PER_TOKEN
    wide = max(1, round(tokens * mix.wide / mix.fim / (packer.length / 2))) if mix.wide else 0
    short = round(tokens * mix.local / mix.fim / LOCAL_MEAN)
    for local in [False] * wide + [True] * short:
        if local:
            example = local_split(source.path, text, draw)
        else:
            example = split(source.path, text, draw.randint(packer.length // 4, packer.length - 16), draw)
        if example is not None:
            order = SPM if draw.random() < mix.spm else PSM
            prompt, middle = encode(tokenizer, ids, example, order, draw_back(draw))
            packer.add_example([*prompt, *middle, ids[END]], local)


def write_epoch(
    path: Path, sources: list[Source], tokenizer: Tokenizer, *, length: int, seed: int, mix: Mix
) -> Rows:
    """Write rows [n, length + 1] of one pass over `sources` in a drawn order and return them."""
    draw = random.Random(seed)
    ids, packer = special_ids(tokenizer), Packer(length + 1, mix)
    order = list(sources)
    draw.shuffle(order)
    rows: list[list[int]] = []
    for start in range(0, len(order), GROUP):
        for source in order[start : start + GROUP]:
            feed(packer, tokenizer, ids, source, draw)
        packer.shuffle(draw)
        rows += packer.rows(keep=4 * length)
    rows += packer.rows(keep=0)
    array = np.array(rows, dtype=np.uint16)
    np.random.default_rng(seed).shuffle(array)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".tmp").open("wb") as out:
        np.save(out, array)
    path.with_suffix(".tmp").rename(path)
    return array


def shard_path(work: Path, mix: str, length: int, epoch: int) -> Path:
    """Where the rows of one epoch of a mix (a name in `MIXES`) lie."""
    return work / "shards" / f"{mix}-{length}-{epoch:03d}.npy"


def read_rows(path: Path) -> Rows:
    """Rows [n, length + 1] of one file, memory-mapped."""
    rows: Rows = np.load(path, mmap_mode="r")
    return rows


class RowSource:
    """Rows of consecutive epochs of a mix, addressed by one running number so that a resume is exact."""

    def __init__(self, work: Path, mix: str, length: int) -> None:
        self.work, self.mix, self.length = work, mix, length
        self._open: dict[int, Rows] = {}

    def _epoch(self, epoch: int) -> Rows:
        if epoch not in self._open:
            path = shard_path(self.work, self.mix, self.length, epoch)
            if not path.is_file():
                raise FileNotFoundError(
                    f"no rows for epoch {epoch} at length {self.length}: run `shards --mix {self.mix} "
                    f"--length {self.length} --epochs {epoch + 1}` with the same --work"
                )
            self._open[epoch] = read_rows(path)
        return self._open[epoch]

    def take(self, start: int, count: int) -> Rows:
        """Rows start … start + count - 1 over all epochs; raises FileNotFoundError past the last one."""
        taken: list[Rows] = []
        epoch = 0
        while count:
            rows = self._epoch(epoch)
            part = rows[start : start + count]
            taken.append(part)
            count -= len(part)
            start = max(0, start - len(rows))
            epoch += 1
        return np.concatenate(taken)
