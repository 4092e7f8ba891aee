"""The honest verdict for this machine and pair: which way of speculating saves how much, or that none does.

The best of several ways looks better than it is on the prompts it was chosen by. So it is chosen by every
second prompt and measured on the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..bench.rows import Row
from ..bench.schedule import Runs
from ..bench.statistics import median
from ..engine.records import DrafterChoice
from .replay import LEAST_PROMPTS, PLAIN, SERVED
from .saving import Saving, saving

Kind = Literal["speculate", "even", "plain", "unknown"]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of decoding: mean ms a completion over prompts, what it saves over plain, α, τ.

    ``drafter`` and ``k`` are the settings that choose it.
    """

    name: str
    label: str
    drafter: DrafterChoice
    k: int | None
    ms: float
    saved: Saving | None
    acceptance: float | None
    per_pass: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """``best`` names the way with the least time on the prompts it was chosen by.

    ``saved`` is what it saves over plain decoding on the ``prompts`` it was not chosen by, ``over_served``
    over the pacer there; None where too few were run to tell.
    """

    kind: Kind
    best: str
    prompts: int
    saved: Saving | None
    over_served: Saving | None


def times(runs: Runs, name: str) -> list[float]:
    """For each prompt the median (ms) of its runs."""
    return [median([run.total for run in repeated]) for repeated in runs[name]]


def measured(runs: Runs, rows: Sequence[Row]) -> list[Way]:
    """The figures of every way that was run, over all prompts."""
    plain = times(runs, PLAIN)
    return [_way(row, runs, plain) for row in rows if row.name in runs]


def _way(row: Row, runs: Runs, plain: list[float]) -> Way:
    own = times(runs, row.name)
    every = [run for repeated in runs[row.name] for run in repeated]
    tested, accepted = (sum(run.tested or 0 for run in every), sum(run.accepted for run in every))
    return Way(
        row.name,
        row.label,
        row.drafter,
        row.k,
        sum(own) / len(own),
        None if row.name == PLAIN else saving(plain, own),
        accepted / tested if tested else None,
        sum(len(run.tokens) for run in every) / sum(run.passes or 0 for run in every),
    )


def decide(runs: Runs) -> Verdict:
    """The verdict over runs of plain decoding, the pacer, and other ways."""
    found = {name: times(runs, name) for name in runs}
    chosen_by = {name: sum(values[::2]) for name, values in found.items() if name != PLAIN}
    best = min(chosen_by, key=lambda name: chosen_by[name])
    rest = {name: values[1::2] for name, values in found.items()}
    count = len(rest[PLAIN])
    if count < LEAST_PROMPTS // 2:
        return Verdict("unknown", best, count, None, None)
    saved = saving(rest[PLAIN], rest[best])
    over = None if best == SERVED else saving(rest[SERVED], rest[best])
    return Verdict(
        "speculate" if saved.gains else "plain" if saved.loses else "even", best, count, saved, over
    )
