"""Written answers as padded batches of like length, in an order that a seed and a number decide."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .writing import Written

MIXED = 512  # answers that are sorted by length together


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of prompt and answer, padded at their ends.

    ``asked`` [rows, length] marks the positions whose next token is of an answer; ``answers`` [n] are those
    tokens, ``ids`` and ``scores`` [n, top] what the target thought of there, all in the order of ``numbers``.
    """

    numbers: list[int]
    tokens: Tensor
    asked: Tensor
    answers: Tensor
    ids: Tensor
    scores: Tensor

    @property
    def size(self) -> int:
        """Tokens of the rows, padding included."""
        return self.tokens.numel()


def padded(written: Sequence[Written], numbers: Sequence[int]) -> Batch:
    """The batch of those numbers."""
    chosen = [written[number] for number in numbers]
    length = max(len(each.prompt) + len(each.answer) for each in chosen) - 1
    tokens = torch.zeros(len(chosen), length, dtype=torch.long)
    asked = torch.zeros(len(chosen), length, dtype=torch.bool)
    for row, each in enumerate(chosen):
        whole = (each.prompt + each.answer)[:-1]
        tokens[row, : len(whole)] = torch.tensor(whole)
        asked[row, len(each.prompt) - 1 : len(whole)] = True
    return Batch(
        list(numbers),
        tokens,
        asked,
        torch.tensor([token for each in chosen for token in each.answer]),
        torch.cat([torch.from_numpy(each.ids) for each in chosen]).long(),
        torch.cat([torch.from_numpy(each.scores) for each in chosen]),
    )


def epoch(written: Sequence[Written], tokens: int, seed: str) -> list[list[int]]:
    """Numbers of the batches of one pass over ``written``, each of at most about ``tokens`` tokens."""
    draw = random.Random(seed)
    order = list(range(len(written)))
    draw.shuffle(order)
    found: list[list[int]] = []
    for start in range(0, len(order), MIXED):
        found += _cut(written, order[start : start + MIXED], tokens)
    draw.shuffle(found)
    return found


def _cut(written: Sequence[Written], order: list[int], tokens: int) -> list[list[int]]:
    """``order`` sorted by length and cut where a batch is full."""
    found: list[list[int]] = []
    for number in sorted(order, key=lambda each: len(written[each].prompt) + len(written[each].answer)):
        length = len(written[number].prompt) + len(written[number].answer)
        if not found or (len(found[-1]) + 1) * length > tokens:
            found.append([])
        found[-1].append(number)
    return found
