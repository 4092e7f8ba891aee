"""Greedy decoding through ``forward``, for models without a compiled step."""

import math
from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from .base import Choice, KVCache


class GreedySteps:
    """Gives ``choose`` and ``draft`` of ``base.LanguageModel`` to a class that has ``forward``."""

    device: torch.device

    @abstractmethod
    def forward(self, tokens: Tensor, cache: KVCache, keep: int = 1) -> Tensor:
        """See ``base.LanguageModel``."""

    @torch.inference_mode()
    def choose(self, tokens: Sequence[int], cache: KVCache, keep: int, limit: int) -> list[Choice]:
        """See ``base.LanguageModel``."""
        feed = torch.tensor(tokens, dtype=torch.long, device=self.device)
        return likeliest(self.forward(feed, cache, keep)[:, :limit])

    def draft(
        self, tokens: Sequence[int], cache: KVCache, count: int, limit: int, least: float = 0.0
    ) -> list[Choice]:
        """See ``base.LanguageModel``."""
        floor = math.log(least) if least > 0 else -math.inf
        found: list[Choice] = []
        total = 0.0
        while len(found) < count and total >= floor:
            found += self.choose(tokens, cache, 1, limit)
            tokens = [found[-1].token]
            total += found[-1].log_probability
        return found


def likeliest(logits: Tensor) -> list[Choice]:
    """The choice of each row of ``logits`` [n, V]."""
    values, ids = logits.log_softmax(-1).max(-1)
    return [Choice(*pair) for pair in zip(ids.tolist(), values.tolist(), strict=True)]
