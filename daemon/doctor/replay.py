"""Prompts with and without speculation, in turns, for as long as there is time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..bench.records import Arm, Case, Run
from ..bench.rows import Row
from ..bench.schedule import SETTLE, Runs, Tell, turns

PROBE = 8  # tokens of the runs that warm up
LENGTHS = (64, 32, 16)  # tokens written, the most that time allows
REPEATS = 3
LEAST_PROMPTS = 12
PLAIN, SERVED = "plain", "auto"


def ways(*, draft: bool, compiled: bool) -> list[Row]:
    """Plain decoding and the ways to speculate, the most telling first: all that a setting can choose."""
    rows = [
        Row(PLAIN, "plain", "ours", compiled=compiled),
        Row(SERVED, "as the pacer chooses", "ours", compiled=compiled, drafter="auto"),
    ]
    for k in (4, 2, 8, 1):
        rows.append(Row(f"draft{k}", f"draft model, k {k}", "ours", compiled=compiled, drafter="draft", k=k))
        if k >= 4:
            rows.append(Row(f"lookup{k}", f"lookup, k {k}", "ours", compiled=compiled, drafter="lookup", k=k))
    return [row for row in rows if draft or not row.drafts]


@dataclass(frozen=True, slots=True)
class Size:
    """How many tokens to write, and how many of the ways to measure."""

    tokens: int
    ways: int


def fit(probe: Run, count: int, seconds: float) -> Size:
    """What of ``count`` ways fits ``seconds`` with enough prompts, by a plain run of ``PROBE`` tokens."""
    for tokens in LENGTHS:
        late = (tokens - len(probe.tokens)) * (probe.per_token or probe.total / len(probe.tokens))
        one = (probe.total + max(late, 0.0)) / 1000.0 + SETTLE
        if count * LEAST_PROMPTS * one <= seconds:
            return Size(tokens, count)
    return Size(LENGTHS[-1], min(count, max(2, int(seconds / (LEAST_PROMPTS * one)))))


def replay(arms: Sequence[Arm], cases: Sequence[Case], tokens: int, seconds: float, tell: Tell) -> Runs:
    """Run the arms on the cases, in an order that rotates, until ``seconds`` are over or all has been run.

    At least one round of two prompts is run, whatever that takes; prompts that were not come to are left out,
    so every arm has as many runs of each. ``tell(stage, fraction)`` hears how far it is.
    """
    runs: Runs = {arm.name: [] for arm in arms}
    begin = time.monotonic()
    total = len(arms) * len(cases) * REPEATS
    for done, (repeat, prompt, place) in enumerate(turns(len(arms), len(cases), REPEATS)):
        spent = time.monotonic() - begin
        if done % len(arms) == 0 and spent > seconds and done >= 2 * len(arms):
            break
        arm = arms[place]
        tell(f"self-check, {arm.label}", max(done / total, min(spent / seconds, 1.0)))
        time.sleep(SETTLE)
        run = arm.run(cases[prompt], tokens)
        if repeat == 0:
            runs[arm.name].append([run])
        else:
            runs[arm.name][prompt].append(run)
    return runs
