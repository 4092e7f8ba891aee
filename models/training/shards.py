"""Token rows for training, written ahead of it as memory-mapped uint16 arrays, one file an epoch.

Every epoch draws new FIM splits. An FIM example always lies whole in one row; the rest of a row is filled
with pieces of plain documents, each under its file header.
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
from .fim import END, PSM, SPM, Example, split, strip_notice
from .tokenizer import FILE, special_ids

Rows = NDArray[np.uint16]
GROUP = 256


def encode(
    tokenizer: Tokenizer, ids: dict[str, int], example: Example, order: str
) -> tuple[list[int], list[int]]:
    """Token ids of the prompt and of the middle, each piece tokenised on its own."""
    prompt: list[int] = []
    for special, text in example.pieces(order):
        if special is not None:
            prompt.append(ids[special])
        prompt += tokenizer.encode(text).ids
    return prompt, tokenizer.encode(example.middle).ids


@dataclass(frozen=True)
class Mix:
    """Share of FIM examples among the tokens, and of the SPM order among them."""

    fim: float = 0.5
    spm: float = 0.5


class Packer:
    """Fills rows of `length` tokens with whole examples first and pieces of plain text after."""

    def __init__(self, length: int, mix: Mix) -> None:
        self.length, self.mix = length, mix
        self._examples: list[list[int]] = []
        self._plain: list[tuple[list[int], list[int]]] = []
        self._balance = 0.0

    def add_example(self, tokens: list[int]) -> None:
        """Queue an example; one that is longer than a row is dropped."""
        if len(tokens) <= self.length:
            self._examples.append(tokens)

    def add_plain(self, header: list[int], body: list[int]) -> None:
        """Queue a document that may be cut anywhere."""
        self._plain.append((header, body))

    def rows(self, keep: int) -> Iterator[list[int]]:
        """Rows that can be filled while at least `keep` plain tokens stay queued."""
        while sum(len(body) for _, body in self._plain) > max(keep, self.length):
            yield self._row()

    def _row(self) -> list[int]:
        row: list[int] = []
        if self._balance <= 0:
            for example in [e for e in self._examples[:64] if len(e) <= self.length]:
                if len(row) + len(example) <= self.length:
                    row += example
                    self._examples.remove(example)
        self._balance += len(row) - self.mix.fim * self.length
        while len(row) < self.length:
            header, body = self._plain.pop(0)
            room = self.length - len(row)
            opening = header if room > len(header) else []
            cut = room - len(opening)
            row += opening + body[:cut]
            if body[cut:]:
                self._plain.insert(0, (header, body[cut:]))
        return row


def feed(
    packer: Packer, tokenizer: Tokenizer, ids: dict[str, int], source: Source, draw: random.Random
) -> None:
    """Queue one document: as several FIM examples, or plain."""
    text = strip_notice(source.text)
    if draw.random() >= packer.mix.fim:
        header = [ids[FILE], *tokenizer.encode(source.path + "\n").ids]
        packer.add_plain(header, [*tokenizer.encode(text).ids, ids[END]])
        return
    wanted = max(1, round(len(text) / (packer.length * 1.6)))
    for _ in range(wanted):
        example = split(source.path, text, draw.randint(packer.length // 4, packer.length - 16), draw)
        if example is not None:
            prompt, middle = encode(tokenizer, ids, example, SPM if draw.random() < packer.mix.spm else PSM)
            packer.add_example([*prompt, *middle, ids[END]])


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
        rows += packer.rows(keep=4 * length)
    rows += packer.rows(keep=0)
    array = np.array(rows, dtype=np.uint16)
    np.random.default_rng(seed).shuffle(array)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".tmp").open("wb") as out:
        np.save(out, array)
    path.with_suffix(".tmp").rename(path)
    return array


def shard_path(work: Path, length: int, epoch: int) -> Path:
    """Where the rows of one epoch lie."""
    return work / "shards" / f"{length}-{epoch:03d}.npy"


def read_rows(path: Path) -> Rows:
    """Rows [n, length + 1] of one file, memory-mapped."""
    rows: Rows = np.load(path, mmap_mode="r")
    return rows


class RowSource:
    """Rows of consecutive epochs, addressed by one running number so that a resume is exact."""

    def __init__(self, work: Path, length: int) -> None:
        self.work, self.length = work, length
        self._open: dict[int, Rows] = {}

    def _epoch(self, epoch: int) -> Rows:
        if epoch not in self._open:
            path = shard_path(self.work, self.length, epoch)
            if not path.is_file():
                raise FileNotFoundError(
                    f"no rows for epoch {epoch} at length {self.length}: run `shards --length {self.length} "
                    f"--epochs {epoch + 1}` with the same --work"
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
