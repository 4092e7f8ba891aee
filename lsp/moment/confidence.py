"""Hiding what is likely wrong, by the model's own probabilities of what it wrote."""

import math
from dataclasses import dataclass

LIKELY = 0.5
"""Least geometric mean of the probabilities of the tokens."""
DOUBT = 0.05
"""Least probability of any one token."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """Natural log-probabilities of the emitted tokens under the target, at temperature 1."""

    mean: float
    lowest: float


def is_likely(confidence: Confidence | None, *, invoked: bool = False, least: float = LIKELY) -> bool:
    """Tell whether to show a completion: what is asked for by hand, or comes without a number, always."""
    if invoked or confidence is None:
        return True
    return math.exp(confidence.mean) >= least and math.exp(confidence.lowest) >= DOUBT
