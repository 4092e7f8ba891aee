"""Answers that never were: a chosen acceptance and chosen costs, to try policies where the truth is known."""

import random
from collections.abc import Sequence

from ...engine.pacer.round import Offer
from .world import MOST, Recorded, Times

WRONG = -1


def times(draft: float, *, widening: float = 0.0, plain: float = 1.0, most: int = MOST) -> Times:
    """Costs in ms: a draft step takes ``draft`` plain steps, each verified token adds ``widening``."""
    return Times(
        verify=[0.0, *(plain * (1.0 + widening * extra) for extra in range(most + 1))],
        draft=[plain * draft * steps for steps in range(most + 1)],
        fill=0.0,
    )


def answers(
    acceptance: float,
    *,
    count: int,
    length: int = 64,
    knowing: float = 0.0,
    seed: int = 0,
    offers: Sequence[Sequence[Offer]] | None = None,
) -> list[Recorded]:
    """``count`` answers of ``length`` tokens, each of which the draft model gets right with ``acceptance``.

    ``knowing`` says how much its confidence tells: at 0 it is always ``acceptance``; otherwise the chance of
    each token is drawn around it, wider for larger values (at 1 uniformly for an acceptance of a half), and
    the confidence is that chance.
    """
    chance = random.Random(seed)
    return [
        _answer([_chance(acceptance, knowing, chance) for _ in range(length + MOST)], length, chance, offers)
        for _ in range(count)
    ]


def _chance(mean: float, knowing: float, chance: random.Random) -> float:
    if not knowing:
        return mean
    return chance.betavariate(2.0 * mean / knowing, 2.0 * (1.0 - mean) / knowing)


def _answer(
    chances: Sequence[float], length: int, chance: random.Random, offers: Sequence[Sequence[Offer]] | None
) -> Recorded:
    tokens = list(range(length + MOST))
    right = [chance.random() < likely for likely in chances]
    proposed = [token if is_right else WRONG for token, is_right in zip(tokens, right, strict=True)]
    return Recorded(
        language="python",
        mode="block",
        prompt=0,
        limit=length,
        ended=False,
        tokens=tokens[:length],
        kinds=[1] * length,
        drafts=[proposed[begin : begin + MOST] for begin in range(length)],
        confidences=[chances[begin : begin + MOST] for begin in range(length)],
        offers=offers or [()] * length,
    )
