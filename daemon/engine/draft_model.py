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


def steps_at_once(model: LanguageModel) -> int:
    """Steps that one call of the draft loop may make; a cancel is seen between calls."""
    return max(1, AT_ONCE // model.parameter_count)


class DraftModel:
    """Proposes the tokens that a small model would write next.

    ``vocab`` is the range of token ids that both models of the pair share; logits past it are cut off.
    """

    def __init__(self, model: LanguageModel, cache: KVCache, chooser: Chooser, vocab: int) -> None:
        self._model = model
        self._cache = cache
        self._chooser = chooser
        self._vocab = vocab

    @property
    def greedy(self) -> bool:
        """Whether the most likely token is always drafted."""
        return self._chooser.greedy

    @property
    def at_once(self) -> int:
        """Steps that one call may make."""
        return steps_at_once(self._model)

    def room(self, tokens: Sequence[int]) -> int:
        """How many tokens may be drafted after ``tokens`` before the context is full."""
        return self._cache.capacity - len(tokens)

    def backlog(self, tokens: Sequence[int]) -> int:
        """How many of ``tokens`` but the last have not been read."""
        return len(tokens) - 1 - self._cache.length

    def read(self, tokens: Sequence[int], cancelled: Cancelled) -> None:
        """Read all but the last of ``tokens``. Raises Interrupted between two pieces."""
        prefill(self._model, self._cache, tokens, cancelled, leave=1)

    def run(self, tokens: Sequence[int], drafted: Sequence[int], steps: int) -> list[Choice]:
        """At most ``steps`` greedy steps more, after ``tokens`` and what was ``drafted`` so far."""
        unread = drafted[-1:] or tokens[self._cache.length :]
        return self._model.draft(unread, self._cache, steps, self._vocab)

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
        found: list[Choice] = []
        while len(found) < k:
            if cancelled():
                raise Interrupted
            count = min(self.at_once, k - len(found))
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
