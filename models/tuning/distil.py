"""A student learns what the target would have written, watched on files that it does not learn from."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..training.schedule import Schedule
from ..training.trainer import Plan, load_state, optimizers, save_state
from .acceptance import alpha, counts
from .batches import Batch, epoch, padded
from .stream import Texts
from .student import Student
from .writing import LONGEST_ANSWER

RATE = 7e-4
SHARPNESS = 2.0
BATCH_TOKENS = 4096
LOGITS_BYTES = 1 << 28  # of one piece of a batch
LOOKS = 24  # over all the time
PATIENCE = 8  # looks without a gain
MOST_PASSES = 4  # over all that there is to learn: more of them are learnt by heart
FORGOTTEN = 0.98  # of general α at the beginning: below it a state is not kept
SAVE_SECONDS = 30.0
WARMUP = 0.04  # of all the time


@dataclass
class Course:
    """How far a student is; ``misses`` looks in a row brought nothing. α: ``first``, ``best``, ``last``."""

    passes: int = 0
    batch: int = 0
    tokens: int = 0
    seconds: float = 0.0
    looks: int = 0
    misses: int = 0
    first: float = 0.0
    first_mind: float = 0.0
    best: float = -1.0
    last: float = 0.0


def loss(student: Student, batch: Batch) -> Tensor:
    """Mean cross-entropy in nats from the target's sharpened distribution over its likeliest tokens."""
    device = student.device
    scores = torch.log_softmax(student.logits(batch.tokens.to(device), batch.asked.to(device)), dim=-1)
    wanted = torch.softmax(batch.scores.to(device) * SHARPNESS, dim=-1)
    return -(wanted * scores.gather(1, batch.ids.to(device))).sum(1).mean()


class Distillation:
    """Trains ``student`` on ``texts``; ``save`` holds all that an exact resume needs."""

    def __init__(self, student: Student, texts: Texts, save: Path) -> None:
        self.student, self.texts, self.save_path = student, texts, save
        plan = Plan(tokens=0, batch=BATCH_TOKENS, micro=0, schedule=Schedule(), rate=RATE, weight_decay=0.0)
        self.optimizers = optimizers(student.model, plan)
        self.course = Course()
        self.best = _copied(student.model)
        self._tokens = max(1, sum(len(each.prompt) + len(each.answer) for each in texts.learnt))
        self._order: list[list[int]] | None = None

    def begin(self) -> None:
        """Go on from the checkpoint, or look at where the student begins."""
        if self.save_path.is_file():
            extra = load_state(self.save_path, self.student.model, self.optimizers, self.student.device)
            self.course, self.best = Course(**extra["course"]), extra["best"]
        else:
            self.course.first_mind = alpha(counts(self.student, self.texts.mind))
            self.course.first = self.course.last = self.course.best = self._watched()

    def save(self) -> None:
        """Write the checkpoint. Raises OSError where the disk is full."""
        save_state(
            self.save_path,
            self.student.model,
            self.optimizers,
            {"course": asdict(self.course), "best": self.best},
        )

    def run(self, seconds: float, tell: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        """Learn until that many seconds of all runs, or ``MOST_PASSES``, are over, or nothing is gained.

        ``tell`` hears the tokens of each step. The best state seen stays in ``best``.
        """
        course = self.course
        before, saved, took = time.monotonic() - course.seconds, time.monotonic(), 0.0
        while (share := self._share(seconds)) < 1.0 and course.misses < PATIENCE and not stopped():
            tell(self.step(RATE * min(1.0, share / WARMUP) * (1.0 - share)))
            course.seconds = time.monotonic() - before
            if share * LOOKS > course.looks + 1:
                self.look()
            if time.monotonic() - saved > max(SAVE_SECONDS, 20 * took):
                began = time.monotonic()
                self.save()
                saved, took = time.monotonic(), time.monotonic() - began
        if not stopped():
            self.look()
        self.save()

    def _share(self, seconds: float) -> float:
        """The part of the course that is over, by time or by what there is to learn."""
        if seconds <= 0:
            return 1.0
        return max(self.course.seconds / seconds, self.course.tokens / (MOST_PASSES * self._tokens))

    def look(self) -> None:
        """Measure α on what is watched, and keep the state if it is the best and has not forgotten."""
        self.course.looks += 1
        self.course.last = self._watched()
        general = alpha(counts(self.student, self.texts.mind))
        if self.course.last > self.course.best and general >= FORGOTTEN * self.course.first_mind:
            self.course.best, self.course.misses = self.course.last, 0
            self.best = _copied(self.student.model)
        else:
            self.course.misses += 1

    def step(self, rate: float) -> int:
        """One optimiser step on the next batch; returns its tokens, padding included."""
        pieces = self._next()
        total = sum(len(piece.answers) for piece in pieces)
        for piece in pieces:
            share = len(piece.answers) / total
            (loss(self.student, piece) * share).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.student.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=False)
        tokens = sum(piece.size for piece in pieces)
        self.course.tokens += tokens
        return tokens

    def _next(self) -> list[Batch]:
        """The next batch of the pass, or the first of the next one, in pieces whose logits fit."""
        order = self._order or self._pass()
        if self.course.batch == len(order):
            self.course.passes, self.course.batch = self.course.passes + 1, 0
            order = self._pass()
        numbers = order[self.course.batch]
        self.course.batch += 1
        rows = max(1, LOGITS_BYTES // (4 * self.student.vocab * LONGEST_ANSWER))
        return [padded(self.texts.learnt, numbers[i : i + rows]) for i in range(0, len(numbers), rows)]

    def _pass(self) -> list[list[int]]:
        """The order of the pass that the course is in."""
        self._order = epoch(self.texts.learnt, BATCH_TOKENS, str(self.course.passes))
        return self._order

    def _watched(self) -> float:
        return alpha(counts(self.student, self.texts.watch))


def _copied(model: nn.Module) -> dict[str, Any]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
