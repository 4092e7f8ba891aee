"""Learning what the draft model would have proposed in an answer that it took no part in."""

import math
from collections.abc import Sequence

from ....models.base import Choice
from .decision import Pacer
from .round import Start
from .signals import AGREES, agreement, confidence_bin


def rehearse(
    pacer: Pacer, starts: Sequence[Start], tokens: Sequence[int], first: int, choices: Sequence[Choice]
) -> int:
    """Judge proposals from ``starts`` as if they had been made; returns how many tokens were tested.

    ``tokens`` are the prompt and the answer, ``choices[i]`` is the draft model's for ``tokens[first + i]``.
    As long as its choices are the target's own, they are also what it would have drafted in a row. A start
    within the proposal before is passed over.
    """
    end = first + len(choices)
    begin, tested = first, 0
    for start in starts:
        if begin <= start.length < end:
            begin = _propose(pacer, start, tokens, end, choices[start.length - first :])
            tested += begin - start.length
    return tested


def _propose(pacer: Pacer, start: Start, tokens: Sequence[int], end: int, choices: Sequence[Choice]) -> int:
    """One proposal; returns where the next one may begin: after the first token that was wrong."""
    offered = start.offers[0].tokens if start.offers else ()
    agreed = True
    most = min(pacer.most, end - start.length)
    for position, choice in enumerate(choices[:most]):
        signal = confidence_bin(math.exp(choice.log_probability))
        extra = agreement(offered, position, choice.token, agreed=agreed)
        agreed = agreed and extra == AGREES
        accepted = choice.token == tokens[start.length + position]
        pacer.signals.add(position, signal, extra)
        pacer.acceptance.learn("draft", signal, extra, position, start.context, accepted=accepted)
        if not accepted:
            return start.length + position + 1
    return start.length + most
