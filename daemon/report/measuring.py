"""A short measurement of the speed-up by the number of guessed tokens, with the bench's own code.

All ways take turns on the same prompts, cut from paceline's own source, within a time that is given.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..bench import hardware
from ..bench.prompts import cut, make_cases, own_source, read_sources
from ..bench.records import Case
from ..bench.rows import Row, all_rows
from ..bench.schedule import Runs, Tell, measure
from ..bench.statistics import Ratio
from ..bench.steps import Steps, time_steps
from ..bench.summary import Figures, figures
from ..bench.workbench import Workbench
from ..engine.engine import EngineOptions
from ..history import engine_of
from .speed import Cost, Kind, Point, Speed

KS = (1, 2, 4, 8)
EVERY_K = tuple(range(1, max(KS) + 1))
TOKENS = 64
PROMPT_TOKENS = 384
FIRST, MOST = 3, 18
"""Prompts that are measured whatever that takes, one of each kind of place; the most."""
SECONDS = 10.0
"""Time for the completions; prompts are as many as it has room for."""
STEP_REPEATS = 25
STEP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Found:
    """All runs, and how many prompts they had."""

    runs: Runs
    prompts: int


def measure_speed(options: EngineOptions, tell: Tell, *, seconds: float = SECONDS) -> Speed:
    """Measure the pair of ``options`` for some ``seconds``; ``tell(stage, fraction)`` hears how far it is.

    Raises ModelError, PacelineError.
    """
    before = hardware.now()
    with Workbench(options, None, tell) as bench:
        compiled = bench.compiles()
        pair = bench.pair
        own = all_rows(KS, draft=pair.draft is not None, compiled=compiled, rounded=False, llama=False)
        rows = [row for row in own if row.family == "ours" and _wanted(row, compiled=compiled)]
        cases = make_cases(
            cut(read_sources(own_source(), pair.tokenizer), MOST, PROMPT_TOKENS, 0),
            pair.tokenizer,
            pair.fim,
            context=pair.context,
            most=PROMPT_TOKENS,
            length=TOKENS,
        )
        found = _runs(bench, rows, cases, tell, seconds)
        steps = _steps(bench, cases[0].tokens, tell)
        facts = bench.engine().facts()
        share = hardware.others(before, hardware.now())
    return _speed(rows, found, steps, engine_of(facts), share)


def _wanted(row: Row, *, compiled: bool) -> bool:
    """The plain row that serves, every drafting row; lookup at one length."""
    if row.drafter == "none":
        return row.compiled == compiled
    return row.drafter != "lookup" or row.k == KS[2]


def _runs(bench: Workbench, rows: Sequence[Row], cases: Sequence[Case], tell: Tell, seconds: float) -> _Found:
    """Runs on the first prompts, then on as many more as there is time for."""
    arms = [bench.arm(row) for row in rows]
    for arm in arms:
        arm.run(cases[0], TOKENS)
    started = time.monotonic()
    runs = measure(arms, cases[:FIRST], TOKENS, 1, tell)
    each = (time.monotonic() - started) / (FIRST + 2)  # two runs of each are left out
    more = min(len(cases) - FIRST, int((seconds - (time.monotonic() - started)) / each) - 2)
    if more > 0:
        rest = measure(arms, cases[FIRST : FIRST + more], TOKENS, 1, tell)
        runs = {name: runs[name] + rest[name] for name in runs}
    return _Found(runs, FIRST + max(0, more))


def _steps(bench: Workbench, prompt: Sequence[int], tell: Tell) -> Steps | None:
    """Times of single steps; None without a draft model."""
    pair = bench.pair
    if pair.draft is None:
        return None
    once = time.monotonic()
    time_steps(pair.target, pair.draft, prompt, ks=EVERY_K, repeats=1, tell=tell)
    once = time.monotonic() - once
    repeats = min(STEP_REPEATS, max(3, int(3 * STEP_SECONDS / once)))  # a first call warms up: three runs
    return time_steps(pair.target, pair.draft, prompt, ks=EVERY_K, repeats=repeats, tell=tell)


def _speed(
    rows: Sequence[Row], found: _Found, steps: Steps | None, engine: str, share: float | None
) -> Speed:
    """The record of what was run."""
    runs = found.runs
    plain = next(row for row in rows if row.drafter == "none")
    all_figures = {
        row.name: figures(runs, row.name, row.label, baseline=plain.name, reference=plain.name)
        for row in rows
    }
    alpha = _acceptance(rows, runs)
    token = all_figures[plain.name].per_token
    costs = () if steps is None or alpha is None else tuple(_cost(steps, k, alpha) for k in EVERY_K)
    return Speed(
        at=time.time(),
        engine=engine,
        machine=hardware.processor(),
        prompts=found.prompts,
        tokens=TOKENS,
        plain=token.median if token else all_figures[plain.name].total.median / TOKENS,
        acceptance=alpha,
        points=tuple(_point(row, all_figures[row.name]) for row in rows if row.drafter != "none"),
        costs=costs,
        warning=hardware.warning(share),
    )


def _acceptance(rows: Sequence[Row], runs: Runs) -> float | None:
    """Accepted / tested over all runs of the draft model with a fixed length."""
    every = [run for row in rows if row.drafter == "draft" for repeated in runs[row.name] for run in repeated]
    tested = sum(run.tested or 0 for run in every)
    return sum(run.accepted for run in every) / tested if tested else None


def _point(row: Row, found: Figures) -> Point:
    kind: Kind = "draft" if row.drafter == "draft" else "lookup" if row.drafter == "lookup" else "auto"
    return Point(
        kind=kind,
        k=row.k or 0,
        tokens=_interval(found.faster_token or found.faster),
        whole=_interval(found.faster),
        acceptance=found.acceptance,
        per_pass=found.per_pass,
    )


def _interval(ratio: Ratio) -> tuple[float, float, float]:
    return ratio.low, ratio.value, ratio.high


def _cost(steps: Steps, k: int, alpha: float) -> Cost:
    drafts = {step.width: step.ratio for step in steps.draft}
    verifies = {step.width: step.ratio for step in steps.verify}
    return Cost(k, drafts[k], verifies[k + 1], steps.predicted(k, alpha))
