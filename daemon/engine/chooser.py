"""How one request picks its tokens: greedily, or by sampling with its own random stream."""

import torch
from torch import Tensor

from ...models.base import Choice
from .acceptance import accept_greedy, accept_sampled
from .drafting import Proposal
from .sampling import Sampling, draw, probabilities


class Chooser:
    """Draws draft tokens and judges them, all from one seed, so a request can be repeated exactly."""

    def __init__(self, sampling: Sampling, seed: int, device: torch.device) -> None:
        self._sampling = sampling
        self._device = device
        self._random = torch.Generator().manual_seed(seed)

    @property
    def greedy(self) -> bool:
        """Whether the most likely token is always taken."""
        return self._sampling.greedy

    def draft(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Draw the draft's next token from its ``logits`` [1, V].

        Returns the token [1], still on the device, and the distribution [1, V] it was drawn from.
        """
        probs = probabilities(logits, self._sampling)
        return draw(probs, self._uniform(1)), probs

    def accept(self, proposal: Proposal, choices: list[Choice]) -> int:
        """How many tokens of ``proposal`` are the target's own ``choices`` [k+1], to the first difference."""
        return accept_greedy(proposal.tokens, [choice.token for choice in choices])

    def judge(self, proposal: Proposal, logits: Tensor) -> tuple[int, int]:
        """Verify ``proposal`` (k tokens) by sampling from the target's ``logits`` [k+1, V].

        Returns how many tokens are accepted and the one that follows them.
        """
        drafted = torch.tensor(proposal.tokens, dtype=torch.long, device=logits.device)
        target = probabilities(logits, self._sampling)
        tests, last = self._uniform(len(proposal.tokens)), self._uniform(1)[0]
        kept, token = accept_sampled(drafted, proposal.probs, target, tests, last)
        return int(kept), int(token)

    def _uniform(self, count: int) -> Tensor:
        return torch.rand(count, generator=self._random, dtype=torch.float64).to(self._device)
