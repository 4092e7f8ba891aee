"""Distilling the draft: first on corpus rows, then on text that the target wrote itself.

On corpus rows the student follows the teacher's whole distribution; on generated text the teacher's logits
are sharpened, because acceptance at temperature 0 asks for its argmax on its own continuations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from tqdm import tqdm

from .corpus import Source
from .fim import PSM, SPM, local_split, split, strip_notice
from .generate import Tokens, continue_all, load_generator
from .loss import Emphasis, chunked_divergence
from .network import Decoder
from .shards import Rows, draw_back, encode
from .tokenizer import special_ids

LONGEST_CONTINUATION = 40
LOCAL_SHARE = 0.7


def distillation(
    student: Decoder,
    teacher: Decoder,
    sharpness: float,
    emphasis: Emphasis,
    dtype: torch.dtype = torch.bfloat16,
) -> Callable[[Tensor], Tensor]:
    """A loss over token rows [batch, length + 1]: KL from the (sharpened) teacher, weighted by position."""

    def loss(rows: Tensor) -> Tensor:
        tokens = rows[:, :-1]
        with torch.no_grad():
            wanted = teacher(tokens, dtype).flatten(0, 1)
        hidden = student(tokens, dtype).flatten(0, 1)
        return chunked_divergence(
            hidden,
            student.embed_tokens.weight.to(dtype),
            wanted,
            teacher.embed_tokens.weight.detach().to(dtype),
            shares=emphasis.weights(rows).flatten(),
            sharpness=sharpness,
        )

    return loss


@torch.no_grad()
def inherit_embedding(student: Decoder, teacher: Decoder) -> None:
    """Give the student the leading directions of the teacher's embedding (its best low-rank likeness).

    Most of a small draft is its embedding, and rare tokens would see few updates from a random start.
    """
    left, values, _ = torch.linalg.svd(teacher.embed_tokens.weight.float(), full_matrices=False)
    width = student.shape.dim
    student.embed_tokens.weight.copy_(left[:, :width] * values[:width])


def inherit_matching(student: Decoder, earlier: Decoder) -> None:
    """Take over every tensor of an earlier draft that has the same name and size."""
    own = student.state_dict()
    found = {n: t for n, t in earlier.state_dict().items() if n in own and own[n].shape == t.shape}
    student.load_state_dict(own | found)


def prompts(
    sources: list[Source], tokenizer: Tokenizer, count: int, length: int, draw: random.Random
) -> list[Tokens]:
    """FIM prompts from `sources` in both orders that leave room for a continuation in `length` tokens.

    Seven in ten have short windows, as in training; the others are of all sizes up to a row.
    """
    ids = special_ids(tokenizer)
    found: list[Tokens] = []
    room = length - LONGEST_CONTINUATION
    while len(found) < count:
        source = draw.choice(sources)
        text = strip_notice(source.text)
        if draw.random() < LOCAL_SHARE:
            example = local_split(source.path, text, draw)
        else:
            example = split(source.path, text, draw.randint(room // 4, room), draw)
        if example is None:
            continue
        prompt, _ = encode(tokenizer, ids, example, draw.choice((PSM, SPM)), draw_back(draw))
        if len(prompt) <= room:
            found.append(prompt)
    return found


def pack(texts: Iterable[Tokens], width: int) -> Rows:
    """Rows [n, width] of whole texts one after the other; the last text of a row is cut at its end."""
    rows: list[Tokens] = []
    row: Tokens = []
    for text in texts:
        row = row + text
        if len(row) >= width:
            rows.append(row[:width])
            row = []
    return np.array(rows, dtype=np.uint16).reshape(-1, width)


def write_generated(
    path: Path,
    folder: Path,
    sources: list[Source],
    tokenizer: Tokenizer,
    *,
    count: int,
    length: int,
    device: torch.device,
    seed: int,
) -> Rows:
    """Let the target in `folder` continue `count` prompts greedily and write rows [n, length + 1]."""
    draw = random.Random(seed)
    asked = prompts(sources, tokenizer, count, length, draw)
    model = load_generator(folder, device)
    texts: list[Tokens] = []
    with tqdm(total=count, unit="prompt", desc="target writes") as bar:
        for batch in continue_all(model, asked, LONGEST_CONTINUATION):
            texts += [asked[index] + answer for index, answer in batch]
            bar.update(len(batch))
    draw.shuffle(texts)
    rows = pack(texts, length + 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".tmp").open("wb") as out:
        np.save(out, rows)
    path.with_suffix(".tmp").rename(path)
    return rows


class Cycle:
    """Rows of one array, over and over."""

    def __init__(self, rows: Rows) -> None:
        if not len(rows):
            raise ValueError("no rows to train on: ask for more prompts")
        self.rows = rows

    def take(self, start: int, count: int) -> Rows:
        """Rows start … start + count - 1, counted around the array."""
        chosen: Rows = self.rows[np.arange(start, start + count) % len(self.rows)]
        return chosen
