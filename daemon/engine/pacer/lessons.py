"""What a round teaches: the times it took, and what became of every proposal there was, used or not."""

from collections.abc import Sequence
from typing import NamedTuple

from .decision import Pacer
from .round import Done, Offer
from .signals import match_bin

LEAST_FILL = 64
"""Tokens of backlog from which the time to read them says what one of many takes."""

Drafted = tuple[int, int, int, float]
"""A token of the draft model, its signal, what was known beside that, and its chance."""


class Lesson(NamedTuple):
    """A round after ``length`` tokens in a ``context`` of ``Acceptance``.

    ``offers`` have what was known beside their match, ``drafted`` is all that the draft model proposed.
    """

    length: int
    context: int
    offers: list[tuple[Offer, int]]
    drafted: Sequence[Drafted]
    done: Done


def teach(pacer: Pacer, lesson: Lesson) -> None:
    """Have ``pacer`` learn."""
    _learn_times(pacer, lesson)
    _judge_drafted(pacer, lesson)
    for offer, beside in lesson.offers:
        _judge_offer(pacer, lesson, offer, beside)


def _learn_times(pacer: Pacer, lesson: Lesson) -> None:
    costs, done = pacer.costs, lesson.done
    for steps, ms in done.calls:
        costs.drafted(steps, lesson.length, ms)
    if done.fill[0] >= LEAST_FILL:
        costs.filled(*done.fill)
    if done.verify is not None:
        costs.verified(done.kept + 1, lesson.length, done.verify)


def _judge_drafted(pacer: Pacer, lesson: Lesson) -> None:
    acceptance = pacer.acceptance
    for position, (_, signal, extra, _) in enumerate(lesson.drafted):
        pacer.signals.add(position, signal, extra)
    judged = 0
    for (token, signal, extra, _), came in zip(lesson.drafted, lesson.done.emitted, strict=False):
        acceptance.learn("draft", signal, extra, judged, lesson.context, accepted=token == came)
        judged += 1
        if token != came:
            break
    if not judged:
        acceptance.drifts["draft"].idle(1)


def _judge_offer(pacer: Pacer, lesson: Lesson, offer: Offer, beside: int) -> None:
    for position, (token, came) in enumerate(zip(offer.tokens, lesson.done.emitted, strict=False)):
        signal = match_bin(offer.match + position)
        pacer.acceptance.learn(offer.source, signal, beside, position, lesson.context, accepted=token == came)
        if token != came:
            break
