"""What the target writes at a place, and how likely it finds what it might have written instead."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..base import KVCache, LanguageModel
from .places import Tokens

LONGEST_ANSWER = 48
TOP = 16
PIECE = 16  # tokens written before an end is looked for


@dataclass(frozen=True, slots=True)
class Written:
    """A prompt, the target's greedy answer, and its ``TOP`` likeliest tokens at each token of the answer.

    ``ids`` [n, TOP] are sorted by ``scores`` [n, TOP], logarithms of probabilities.
    """

    prompt: Tokens
    answer: Tokens
    ids: NDArray[np.int32]
    scores: NDArray[np.float32]


class Writer:
    """Lets a target write, one place after the other."""

    def __init__(self, target: LanguageModel, stop_ids: Collection[int], vocab: int, room: int) -> None:
        """Prompts have at most ``room`` tokens; ids from ``vocab`` on are never written."""
        self.target, self.stops, self.vocab = target, frozenset(stop_ids), vocab
        self.cache: KVCache = target.new_cache(min(room + LONGEST_ANSWER, target.max_context))

    def write(self, prompt: Tokens) -> Written:
        """The greedy answer of at most ``LONGEST_ANSWER`` tokens, its end token included."""
        self.cache.rewind(0)
        answer = self._answer(prompt)
        self.cache.rewind(len(prompt) - 1)
        fed = torch.tensor([prompt[-1], *answer[:-1]], device=self.target.device)
        logits = self.target.forward(fed, self.cache, len(answer))[:, : self.vocab]
        scores, ids = torch.log_softmax(logits, dim=-1).topk(min(TOP, self.vocab), dim=-1)
        return Written(
            prompt, answer, ids.to(torch.int32).cpu().numpy(), scores.to(torch.float32).cpu().numpy()
        )

    def _answer(self, prompt: Tokens) -> Tokens:
        answer: Tokens = []
        fed = prompt
        while len(answer) < LONGEST_ANSWER:
            count = min(PIECE, LONGEST_ANSWER - len(answer))
            found = [choice.token for choice in self.target.draft(fed, self.cache, count, self.vocab)]
            for place, token in enumerate(found):
                if token in self.stops:
                    return answer + found[: place + 1]
            answer += found
            fed = [answer[-1]]
        return answer
