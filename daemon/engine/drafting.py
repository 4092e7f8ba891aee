"""What every drafter offers: a proposal of tokens for the target to verify."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from torch import Tensor

from .records import Origin

Cancelled = Callable[[], bool]


class Interrupted(Exception):  # noqa: N818  (not an error: the request ended early)
    """The request was cancelled or ran out of time; raised between two forward passes."""


class Proposal(NamedTuple):
    """Drafted tokens and who drafted them.

    ``probs`` [k, V] are the distributions they were drawn from, None for a drafter without; ``confidences``
    [k] the draft model's own probability of each token when it drafts greedily, else empty.
    """

    tokens: list[int]
    origin: Origin
    probs: Tensor | None = None
    confidences: tuple[float, ...] = ()


NOTHING = Proposal([], "target")


class Drafter(Protocol):
    """Proposes what may come next."""

    def propose(self, tokens: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:
        """At most ``k`` tokens to follow ``tokens``; fewer, or none, where it has no guess.

        Raises Interrupted when ``cancelled()`` turns true between two of its steps.
        """
        ...
