"""What a pair's steps cost on this machine, measured on the models themselves."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...models.base import KVCache, LanguageModel
from .draft_model import steps_at_once
from .pacer.calibration import Steps, calibrate
from .pacer.costs import Costs
from .prefill import prefill

CALLS = (1, 2, 4)
WIDTHS = (1, 2, 3, 5, 9)
"""Widths of the target pass that are measured."""
HOST = (0.05, 0.1)
"""Milliseconds of Python in a round without and with drafted tokens, until rounds are measured."""
CONTEXT = 384
"""Tokens of context that steps are measured with, fewer where the model takes fewer."""


@dataclass(frozen=True, slots=True)
class Models:
    """A pair's models; ``vocab`` ids count, caches have at most ``context`` tokens."""

    target: LanguageModel
    draft: LanguageModel | None
    vocab: int
    context: int


def calls_of(draft: LanguageModel | None) -> tuple[int, ...]:
    """The numbers of steps that a call of the draft loop may have."""
    if draft is None:
        return CALLS[:1]
    at_once = steps_at_once(draft)
    return tuple(count for count in CALLS if count <= at_once)


def measure(models: Models, costs: Costs, calls: Sequence[int], stopped: Callable[[], bool]) -> bool:
    """Teach ``costs`` the times of both models; False where ``stopped()`` turned true before the end."""
    length = min(CONTEXT, models.context // 2)
    tokens = [index % min(500, models.vocab) for index in range(length + max(WIDTHS))]
    target = _filled(models.target, tokens[:length], max(WIDTHS))

    def verify(width: int) -> None:
        models.target.choose(tokens[length : length + width], target, width, models.vocab)
        target.rewind(length)

    draft = models.draft
    if draft is None:
        return calibrate(costs, Steps(length, verify, WIDTHS, host=HOST), stopped)
    room = max(calls)
    cache = _filled(draft, tokens[:length], room)  # the first one warms up
    started = time.perf_counter()
    cache = _filled(draft, tokens[:length], room)
    costs.filled(length, 1000.0 * (time.perf_counter() - started))

    def run(steps: int) -> None:
        draft.draft(tokens[length : length + 1], cache, steps, models.vocab)
        cache.rewind(length)

    return calibrate(costs, Steps(length, verify, WIDTHS, run, calls, HOST), stopped)


def _filled(model: LanguageModel, tokens: list[int], room: int) -> KVCache:
    cache = model.new_cache(len(tokens) + room)
    prefill(model, cache, [*tokens, 0], lambda: False, leave=1)
    return cache
