"""All policies side by side on the same answers and times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...engine.pacer.costs import Costs
from ...engine.pacer.decision import Pacer
from ...engine.pacer.signals import SOURCES, Source
from ...engine.pacer.state import prior as take_prior
from .ours import Paced
from .playing import Policy, oracle, play
from .rivals import Bandit, Fixed, Heuristic, Lookup, MovingAverage, Threshold, Tiers
from .world import MOST, Recorded, Times

CALLS = (1, 2, 4)
CALIBRATED = (1, 2, 3, 5, 9)
"""Widths that a pacer is told the times of before it starts, as calibration does."""


@dataclass(frozen=True)
class Row:
    """A policy's result: milliseconds for a token, over those of plain decoding, and how it drafted."""

    name: str
    per_token: float
    speedup: float
    drafted: float
    accepted: float
    plain: float


def calibrated(times: Times, most: int = MOST, calls: Sequence[int] = CALLS) -> Pacer:
    """A pacer that knows a few times of the machine and nothing else."""
    costs = Costs(most)
    for width in CALIBRATED:
        if width < len(times.verify):
            costs.verified(width, 0, times.verify[width])
    for steps in calls:
        costs.drafted(steps, 0, times.draft[steps])
    if times.fill:
        costs.filled(100, 100 * times.fill)
    return Pacer(most, costs, calls=tuple(calls))


def policies(
    times: Times, sources: Sequence[Source] = SOURCES, prior: Path | None = None
) -> dict[str, Callable[[], Policy]]:
    """Every policy by name, each made afresh; ours knows what is in the file ``prior``."""
    made: dict[str, Callable[[], Policy]] = {"plain": lambda: Fixed(0)}
    for length in range(1, MOST + 1):
        made[f"draft {length}"] = lambda length=length: Fixed(length)  # type: ignore[misc]
    for length in range(1, MOST + 1):
        made[f"lookup {length}"] = lambda length=length: Lookup(length, 0)  # type: ignore[misc]
    for length in range(1, MOST + 1):
        made[f"lookup else draft {length}"] = lambda length=length: Lookup(length, length)  # type: ignore[misc]
    made |= {
        "transformers heuristic": Heuristic,
        "transformers threshold 0.4": lambda: Threshold(tuned=False),
        "transformers threshold tuned": lambda: Threshold(tuned=True),
        "ExLlamaV3 moving average": MovingAverage,
        "SGLang tiers": Tiers,
        "ik_llama.cpp bandit": Bandit,
        "ik_llama.cpp bandit with off": lambda: Bandit(off=True),
        "paceline, draft only": lambda: Paced(_told(times, prior), ("draft",)),
        "paceline": lambda: Paced(_told(times, prior), sources),
    }
    return made


def _told(times: Times, prior: Path | None) -> Pacer:
    pacer = calibrated(times)
    if prior is not None:
        take_prior(prior, pacer)
    return pacer


def compare(answers: Sequence[Recorded], times: Times, prior: Path | None = None) -> list[Row]:
    """Play every policy on ``answers``, ours with the chances in ``prior``.

    The last rows are the oracles: the draft model alone, and all.
    """
    plain = play(Fixed(0), answers, times).per_token
    rows = []
    for name, make in policies(times, prior=prior).items():
        score = play(make(), answers, times)
        rows.append(
            Row(
                name,
                score.per_token,
                plain / score.per_token,
                score.verified / score.rounds,
                score.accepted / max(1, score.verified),
                score.plain_rounds / score.rounds,
            )
        )
    tokens = sum(len(answer.tokens) for answer in answers)
    for name, sources in (("oracle, draft only", ("draft",)), ("oracle", SOURCES)):
        per_token = oracle(answers, times, sources=sources) / tokens
        rows.append(Row(name, per_token, plain / per_token, 0.0, 1.0, 0.0))
    return rows


def best_fixed(rows: Sequence[Row]) -> Row:
    """The best of plain decoding and all fixed lengths, whoever drafts."""
    return min(
        (row for row in rows if row.name == "plain" or row.name.startswith(("draft ", "lookup "))),
        key=lambda row: row.per_token,
    )
