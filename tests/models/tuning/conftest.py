"""Answers made up for the tests, and a small draft to learn them."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from ....models.tuning.student import Student
from ....models.tuning.writing import TOP, Written
from ..families import VOCAB


def made_up(count: int, seed: int = 0) -> list[Written]:
    """Answers that count upwards from 5, after any prompt, and a target that is sure of them."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        prompt = [draw.randrange(VOCAB) for _ in range(draw.randint(3, 12))]
        answer = list(range(5, draw.randint(7, 14)))
        ids = np.array(
            [[(token + other) % VOCAB for other in range(TOP)] for token in answer], dtype=np.int32
        )
        scores = np.full(ids.shape, -9.0, dtype=np.float32)
        scores[:, 0] = -0.1
        found.append(Written(prompt, answer, ids, scores))
    return found


@pytest.fixture
def student(checkpoint: Callable[[str], tuple[Path, object]]) -> Student:
    """A small random draft."""
    return Student.load(checkpoint("smollm")[0], torch.device("cpu"))
