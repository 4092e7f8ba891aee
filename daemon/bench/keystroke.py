"""What one more character costs: the time to the first text of a prompt that a key was added to."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..engine.records import Piece, Result
from .ours import BenchEngine
from .prompts import request
from .records import Case
from .schedule import SETTLE, Tell
from .statistics import Ratio, Spread, median, speed_up, spread

TOKENS = 4  # written after each prompt: enough for a first text


@dataclass(frozen=True, slots=True)
class First:
    """One request up to its first text: milliseconds, and prompt tokens reused and computed."""

    time: float
    reused: int
    computed: int


@dataclass(frozen=True, slots=True)
class Keystroke:
    """Cold prompts and the same ones a key later; ms to the first text.

    ``part`` is the time after a key over the cold time, the median over prompts with its 95 % interval;
    ``computed`` the prompt tokens that were computed after a key, ``of`` those of the prompt.
    """

    prompts: int
    cold: Spread
    key: Spread
    part: Ratio
    computed: float
    of: float


def measure_keystrokes(engine: BenchEngine, cases: Sequence[Case], repeats: int, tell: Tell) -> Keystroke:
    """Complete each case from an empty cache, then with the next character of its line typed."""
    cold: list[float] = []
    warm: list[float] = []
    computed, sizes = [], []
    first_text(engine, cases[0], fresh=True)
    for number, case in enumerate(cases):
        tell("keystrokes", number / len(cases))
        pairs = [_one_key(engine, case) for _ in range(repeats)]
        cold.append(median([before.time for before, _ in pairs]))
        warm.append(median([after.time for _, after in pairs]))
        computed.append(pairs[0][1].computed)
        sizes.append(pairs[0][1].computed + pairs[0][1].reused)
    return Keystroke(
        prompts=len(cases),
        cold=spread(cold),
        key=spread(warm),
        part=speed_up(warm, cold),
        computed=median(computed),
        of=median(sizes),
    )


def _one_key(engine: BenchEngine, case: Case) -> tuple[First, First]:
    before = first_text(engine, case, fresh=True)
    return before, first_text(engine, replace(case, prefix=case.prefix + case.key), fresh=False)


def first_text(engine: BenchEngine, case: Case, *, fresh: bool) -> First:
    """Run a request to its first text, from an empty cache if ``fresh``; the rest of it is not measured."""
    if fresh:
        engine.forget()
    time.sleep(SETTLE)
    taken, result = None, None
    started = time.perf_counter()
    for item in engine.complete(request(case, TOKENS), lambda: False):
        if taken is None and isinstance(item, Piece | Result):
            taken = time.perf_counter() - started
        if isinstance(item, Result):
            result = item
    if taken is None or result is None:
        raise RuntimeError(f"{case.name} has no first text")
    return First(1000.0 * taken, result.reused, result.computed)
