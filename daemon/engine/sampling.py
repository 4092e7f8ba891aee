"""Turning logits into tokens: the distribution a request asks for, and draws from it."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen. ``temperature`` 0 is greedy; ``top_k`` 0 and ``top_p`` 1 cut nothing."""

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0

    @property
    def greedy(self) -> bool:
        """Whether the most likely token is always taken."""
        return self.temperature == 0.0


def probabilities(logits: Tensor, sampling: Sampling) -> Tensor:
    """The distribution that tokens are drawn from: temperature, then top-k, then top-p.

    ``logits``: [..., V]. Returns [..., V] float64 that sums to 1. Tokens that tie with the k-th are kept.
    Raises ValueError for a greedy ``sampling``, which has no distribution to draw from.
    """
    if sampling.greedy:
        raise ValueError("greedy decoding takes the argmax; it has no distribution")
    scaled = logits.double() / sampling.temperature
    if 0 < sampling.top_k < scaled.shape[-1]:
        kth = scaled.topk(sampling.top_k, dim=-1).values[..., -1:]
        scaled = scaled.masked_fill(scaled < kth, -torch.inf)
    probs = scaled.softmax(dim=-1)
    return _nucleus(probs, sampling.top_p) if sampling.top_p < 1.0 else probs


def _nucleus(probs: Tensor, top_p: float) -> Tensor:
    """Keep the fewest most likely tokens whose mass reaches ``top_p`` (Holtzman et al. 2019)."""
    ordered, index = probs.sort(dim=-1, descending=True)
    before = ordered.cumsum(dim=-1) - ordered
    kept = ordered.masked_fill(before >= top_p, 0.0)
    kept[..., 0] = ordered[..., 0]
    nucleus = torch.zeros_like(probs).scatter(-1, index, kept)
    return nucleus / nucleus.sum(dim=-1, keepdim=True)


def draw(weights: Tensor, uniform: Tensor) -> Tensor:
    """Draw one index per row by inverting the cumulative weights.

    ``weights``: [..., V], non-negative, not necessarily summing to 1; ``uniform``: [...] in [0, 1).
    Returns [...] int64. An index of weight 0 is never drawn.
    """
    cumulative = weights.double().cumsum(dim=-1)
    total = cumulative[..., -1:]
    drawn = torch.searchsorted(cumulative, uniform.double()[..., None] * total, right=True)
    last = (cumulative < total).sum(dim=-1, keepdim=True)  # the first index that reaches the total
    return torch.minimum(drawn, last)[..., 0]
