"""Acceptance of a student on what the target wrote: α at temperature 0, replayed, with its interval."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from ..training.evaluate import AHEAD, replay
from .batches import Batch, padded
from .card import Change
from .student import Student
from .writing import Written

BATCH_TOKENS = 8192
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Counts:
    """Accepted and tested tokens of one place."""

    accepted: int
    tested: int


@torch.no_grad()
def counts(student: Student, written: Sequence[Written], ahead: int = AHEAD) -> list[Counts]:
    """Rounds of ``ahead`` tokens replayed on each answer, in the order given."""
    found: dict[int, Counts] = {}
    for batch in _batches(written):
        guesses = student.logits(batch.tokens.to(student.device), batch.asked.to(student.device)).argmax(-1)
        agrees = (guesses.cpu() == batch.answers).tolist()
        for number in batch.numbers:
            size = len(written[number].answer)
            accepted, tested, _ = replay(agrees[:size], ahead)
            found[number], agrees = Counts(accepted, tested), agrees[size:]
    return [found[number] for number in range(len(written))]


def _batches(written: Sequence[Written]) -> Iterator[Batch]:
    order = sorted(range(len(written)), key=lambda number: len(written[number].prompt))
    while order:
        longest = len(written[order[-1]].prompt) + len(written[order[-1]].answer)
        size = max(1, BATCH_TOKENS // longest)
        yield padded(written, order[-size:])
        del order[-size:]


def alpha(found: Sequence[Counts]) -> float:
    """accepted / tested over all places; 0 where nothing was tested."""
    tested = sum(each.tested for each in found)
    return sum(each.accepted for each in found) / tested if tested else 0.0


def change(before: Sequence[Counts], after: Sequence[Counts], seed: int = 0) -> Change:
    """Compare two drafts place by place: a paired bootstrap of the ratio of their α."""
    draw, size = random.Random(seed), len(before)
    ratios = []
    for _ in range(RESAMPLES):
        chosen = draw.choices(range(size), k=size)
        base = alpha([before[place] for place in chosen])
        ratios.append(alpha([after[place] for place in chosen]) / base if base else 1.0)
    ratios.sort()
    old, new = alpha(before), alpha(after)
    low, high = ratios[round(0.025 * RESAMPLES)], ratios[round(0.975 * RESAMPLES) - 1]
    return Change(old, new, new / old if old else 1.0, low, high, size)
