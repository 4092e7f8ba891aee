"""Which drafted tokens the target keeps, and the token it adds: pure functions, no state.

Greedy acceptance keeps the longest prefix that the target would have written itself. Sampled acceptance is
the rejection rule of Leviathan et al. (arXiv 2211.17192) and Chen et al. (arXiv 2302.01318): a drafted token
x is kept with probability min(1, p(x) / q(x)); the first rejected one is replaced by a draw from the residual
max(p - q, 0), so what comes out has the target's distribution exactly.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from .sampling import draw


def accept_greedy(drafted: Sequence[int], chosen: Sequence[int]) -> int:
    """How many drafted tokens equal the target's own choice, counted to the first difference.

    ``drafted``: k tokens; ``chosen``: the target's argmax at those k positions and one more.
    """
    for accepted, (proposed, own) in enumerate(zip(drafted, chosen, strict=False)):
        if proposed != own:
            return accepted
    return len(drafted)


def accept_sampled(
    drafted: Tensor, draft: Tensor | None, target: Tensor, tests: Tensor, last: Tensor
) -> tuple[Tensor, Tensor]:
    """Rejection sampling of k drafted tokens, over any leading batch dimensions.

    ``drafted``: [..., k] int64. ``draft``: [..., k, V], the distributions the tokens were drawn from, or None
    for a drafter without probabilities, which counts as a point mass on its token. ``target``: [..., k+1, V].
    ``tests``: [..., k] and ``last``: [...], independent uniforms in [0, 1). Both distributions must already
    carry the request's temperature and cut-offs.

    Returns the number accepted [...] and the correction or bonus token [...].
    """
    k = drafted.shape[-1]
    judged = target[..., :k, :]
    p = judged.gather(-1, drafted[..., None])[..., 0]
    q = torch.ones_like(p) if draft is None else draft.gather(-1, drafted[..., None])[..., 0]
    kept = tests * q < p
    accepted = kept.long().cumprod(dim=-1).sum(dim=-1)
    weights = torch.cat([_residual(judged, draft, drafted), target[..., k:, :]], dim=-2)
    row = accepted[..., None, None].expand(*accepted.shape, 1, weights.shape[-1])
    return accepted, draw(weights.gather(-2, row)[..., 0, :], last)


def _residual(target: Tensor, draft: Tensor | None, drafted: Tensor) -> Tensor:
    """max(p - q, 0) for each position; p itself where rounding leaves nothing (p = q, never rejected)."""
    rest = target.scatter(-1, drafted[..., None], 0.0) if draft is None else (target - draft).clamp_min(0.0)
    return torch.where(rest.sum(dim=-1, keepdim=True) > 0, rest, target)
