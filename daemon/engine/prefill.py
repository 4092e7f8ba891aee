"""Bringing a model's KV up to date with a prompt, in pieces that a cancel can fall between."""

from collections.abc import Sequence

import torch

from ...models.base import KVCache, LanguageModel
from .drafting import Cancelled, Interrupted

PIECES = {"cpu": 64}
PIECE = 256
"""Tokens per forward pass, by device: enough for full speed there, few enough to cancel within one."""


def prefill(
    model: LanguageModel,
    cache: KVCache,
    tokens: Sequence[int],
    cancelled: Cancelled,
    leave: int | None = None,
) -> None:
    """Compute the KV of ``tokens`` until at most ``leave`` of them (None: a piece) are left, or it is full.

    What is left goes into the caller's own forward pass, whose logits it needs. Raises Interrupted when
    ``cancelled()`` turns true between two pieces; the KV computed so far stays valid.
    """
    most = PIECES.get(model.device.type, PIECE)
    end = min(len(tokens) - (most if leave is None else leave), cache.capacity)
    while cache.length < end:
        if cancelled():
            raise Interrupted
        piece = tokens[cache.length : min(cache.length + most, max(end, len(tokens) - 1))]
        piece = piece[: cache.capacity - cache.length]
        model.forward(torch.tensor(piece, dtype=torch.long, device=model.device), cache)
