"""A first measurement of this machine: a second or two of steps, spread over widths, before anyone waits."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .costs import Costs

SECONDS = 1.5
LEAST_ROUNDS = 3
"""Rounds over all sizes that are made however long they take; the first one warms up and is not counted."""
MOST_ROUNDS = 12
SHORT_MS = 5.0
"""Target passes that take no longer are timed as the last of some in a row, as rounds follow each other."""
IN_A_ROW = 6
"""After a pause it takes about so many until passes are as fast as they are within an answer."""

Step = Callable[[int], None]
Note = Callable[[int, int, float], None]


@dataclass(frozen=True, slots=True)
class Steps:
    """What is measured with ``length`` tokens of context.

    ``verify(width)`` is a target pass, ``draft(steps)`` a call of the draft loop, or None without a draft;
    each leaves its cache as it was. ``host`` are the milliseconds that a round takes beside them, without
    and with drafted tokens.
    """

    length: int
    verify: Step
    widths: Sequence[int]
    draft: Step | None = None
    calls: Sequence[int] = ()
    host: tuple[float, float] = (0.0, 0.0)


def calibrate(
    costs: Costs,
    steps: Steps,
    stopped: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.perf_counter,
    seconds: float = SECONDS,
) -> bool:
    """Measure every width and call a few times; False where ``stopped`` turned true before the end.

    Sizes take turns, so that a busy moment of the machine does not fall on one of them alone.
    """
    started = clock()
    for turn in range(MOST_ROUNDS + 1):
        if turn > LEAST_ROUNDS and clock() - started > seconds:
            break
        for size, run, note in _turn(costs, steps):
            if stopped():
                return False
            passing = run == steps.verify
            ms = _timed(run, size, clock)
            for _ in range(IN_A_ROW if passing and ms < SHORT_MS else 0):
                ms = _timed(run, size, clock)
            if turn:
                note(size, steps.length, ms + (steps.host[size > 1] if passing else 0.0))
    return True


def _timed(run: Step, size: int, clock: Callable[[], float]) -> float:
    before = clock()
    run(size)
    return 1000.0 * (clock() - before)


def _turn(costs: Costs, steps: Steps) -> list[tuple[int, Step, Note]]:
    turn: list[tuple[int, Step, Note]] = [(width, steps.verify, costs.verified) for width in steps.widths]
    if steps.draft is not None:
        turn += [(count, steps.draft, costs.drafted) for count in steps.calls]
    return turn
