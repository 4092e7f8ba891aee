"""Bringing a model's KV up to date with a prompt, in pieces that a cancel can fall between."""

from collections.abc import Sequence

import torch

from ...models.base import KVCache, LanguageModel
from .drafting import Cancelled, Interrupted

PIECE = 256
"""Tokens per forward pass: large enough for full matrix speed, small enough to cancel within one."""


def prefill(
    model: LanguageModel, cache: KVCache, tokens: Sequence[int], cancelled: Cancelled, leave: int = PIECE
) -> None:
    """Compute the KV of ``tokens`` until at most ``leave`` of them are left, or the cache is full.

    What is left goes into the caller's own forward pass, whose logits it needs. Raises Interrupted when
    ``cancelled()`` turns true between two pieces; the KV computed so far stays valid.
    """
    end = min(len(tokens) - leave, cache.capacity)
    while cache.length < end:
        if cancelled():
            raise Interrupted
        piece = tokens[cache.length : min(cache.length + PIECE, len(tokens) - 1)]
        piece = piece[: cache.capacity - cache.length]
        model.forward(torch.tensor(piece, dtype=torch.long, device=model.device), cache)
