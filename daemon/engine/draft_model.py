"""The draft-model drafter: a small model with its own KV, kept in step with the target's."""

from collections.abc import Sequence

import torch

from ...models.base import KVCache, LanguageModel
from .chooser import Chooser
from .drafting import NOTHING, Cancelled, Interrupted, Proposal
from .prefill import prefill


class DraftModel:
    """Proposes the tokens that a small model would write next.

    ``vocab`` is the range of token ids that both models of the pair share; logits past it are cut off.
    """

    def __init__(self, model: LanguageModel, cache: KVCache, chooser: Chooser, vocab: int) -> None:
        self._model = model
        self._cache = cache
        self._chooser = chooser
        self._vocab = vocab

    def propose(self, tokens: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:
        """Run ``k`` draft steps, after the tokens its KV has not seen yet; none where its context is full."""
        k = min(k, self._cache.capacity - len(tokens))
        if k <= 0:
            return NOTHING
        prefill(self._model, self._cache, tokens, cancelled)
        feed = torch.tensor(tokens[self._cache.length :], dtype=torch.long, device=self._model.device)
        drawn, distributions = [], []
        for _ in range(k):
            if cancelled():
                raise Interrupted
            logits = self._model.forward(feed, self._cache)[:, : self._vocab]
            feed, probs = self._chooser.draft(logits)
            drawn.append(feed)
            if probs is not None:
                distributions.append(probs)
        return Proposal(
            torch.cat(drawn).tolist(), "draft", torch.cat(distributions) if distributions else None
        )
