"""What a policy is played on: answers with everything each drafter would have proposed at every position.

Greedy output depends on the target alone, so an answer recorded once serves every policy: wherever a policy
stands, the record knows what each drafter proposes there and which of it the target accepts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ...engine.pacer.round import Offer

MOST = 8
"""Tokens recorded of each proposal."""


@dataclass(frozen=True)
class Times:
    """Milliseconds: ``verify[width]``, ``draft[steps]`` of one call (index 0 is 0), ``fill`` for each token
    of backlog that the draft reads.
    """

    verify: Sequence[float]
    draft: Sequence[float]
    fill: float = 0.0

    @property
    def plain(self) -> float:
        """A plain step."""
        return self.verify[1]


@dataclass(frozen=True)
class Recorded:
    """One answer of the target, position by position.

    ``kinds[i]`` is the kind of place of token i; ``drafts[i]`` and ``confidences[i]`` what the draft model
    proposes there; ``offers[i]`` the proposals of lookup and replay. ``prompt`` is the prompt's tokens,
    ``limit`` the most tokens the answer could have had; ``ended`` says that it ended by itself before. The
    first ``healed`` tokens were constrained, so nothing can be drafted there.
    """

    language: str
    mode: str
    prompt: int
    limit: int
    tokens: Sequence[int]
    kinds: Sequence[int]
    drafts: Sequence[Sequence[int]]
    confidences: Sequence[Sequence[float]]
    offers: Sequence[Sequence[Offer]]
    ended: bool = True
    healed: int = 0

    def room(self, position: int, most: int) -> int:
        """How many tokens may be drafted at ``position``."""
        return 0 if position < self.healed else min(most, self.limit - position - 1)

    def accepted(self, position: int, proposed: Sequence[int]) -> int:
        """How many of ``proposed`` at ``position`` the target accepts, as far as the answer goes."""
        count = 0
        for own, token in zip(self.tokens[position:], proposed, strict=False):
            if own != token:
                break
            count += 1
        return count

    @cached_property
    def reach(self) -> list[dict[str, int]]:
        """For each position how many tokens of each drafter the target accepts."""
        return [
            {"draft": self.accepted(position, self.drafts[position])}
            | {offer.source: self.accepted(position, offer.tokens) for offer in self.offers[position]}
            for position in range(len(self.tokens))
        ]
