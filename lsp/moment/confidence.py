"""Hiding what is likely wrong, by the model's own probabilities of what it wrote."""

import math


def is_likely(confidence: tuple[float, float] | None, least: float) -> bool:
    """Tell whether the geometric mean of the tokens' probabilities reaches ``least``.

    ``confidence`` is ``Done.confidence``; what comes without one counts as likely.
    """
    return confidence is None or math.exp(confidence[0]) >= least
