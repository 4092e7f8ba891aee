"""The draft-model drafter: a small model with its own KV, kept in step with the target's."""

import math
from collections.abc import Sequence

import torch

from ...models.base import Choice, KVCache, LanguageModel
from .chooser import Chooser
from .drafting import NOTHING, Cancelled, Interrupted, Proposal
from .prefill import prefill

AT_ONCE = 20_000_000
"""Weights that may be read between two looks at a cancel: a few milliseconds on a slow machine."""


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
        pending = tokens[self._cache.length :]
        return (
            self._greedy(pending, k, cancelled)
            if self._chooser.greedy
            else self._drawn(pending, k, cancelled)
        )

    def _greedy(self, pending: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:
        """As many steps in one call as take little enough time for a cancel to wait for."""
        at_once = max(1, AT_ONCE // self._model.parameter_count)
        found: list[Choice] = []
        while len(found) < k:
            if cancelled():
                raise Interrupted
            count = min(at_once, k - len(found))
            found += self._model.draft(pending, self._cache, count, self._vocab)
            pending = [found[-1].token]
        confidences = tuple(math.exp(choice.log_probability) for choice in found)
        return Proposal([choice.token for choice in found], "draft", confidences=confidences)

    def _drawn(self, pending: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:
        feed = torch.tensor(pending, dtype=torch.long, device=self._model.device)
        drawn, distributions = [], []
        for _ in range(k):
            if cancelled():
                raise Interrupted
            logits = self._model.forward(feed, self._cache)[:, : self._vocab]
            feed, probs = self._chooser.draft(logits)
            drawn.append(feed)
            distributions.append(probs)
        return Proposal(torch.cat(drawn).tolist(), "draft", torch.cat(distributions))
