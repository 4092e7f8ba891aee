"""From runs to the figures of a row: medians over prompts, acceptance, speed against plain, agreement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .records import Case, Run
from .schedule import Runs, outputs, steady
from .statistics import Ratio, Spread, agreement, median, speed_up, spread


@dataclass(frozen=True, slots=True)
class Figures:
    """One row at one length; times in ms, None where there is nothing to measure.

    ``first`` is the time to the first text, ``per_token`` after it, ``total`` the whole completion, each over
    prompts (of a prompt the median of its repeats). ``faster`` compares whole completions with the baseline's
    of the same prompts, ``faster_token`` the time a token after the first text. ``acceptance`` is accepted /
    tested, ``efficiency`` accepted / drafted, ``per_pass`` emitted / target passes. ``host`` is the time a
    round that no model ran. ``equal`` is the share of tokens equal to the reference's up to the first
    difference, ``whole`` how many outputs are equal throughout; ``steady``: repeats wrote the same.
    """

    name: str
    label: str
    first: Spread
    per_token: Spread | None
    per_second: float | None
    total: Spread
    acceptance: float | None
    efficiency: float | None
    per_pass: float | None
    faster: Ratio
    faster_token: Ratio | None
    host: float | None
    equal: float
    whole: int
    prompts: int
    steady: bool


def figures(runs: Runs, name: str, label: str, *, baseline: str, reference: str) -> Figures:
    """The figures of the row ``name``, against the times of ``baseline`` and the output of ``reference``."""
    own, plain = runs[name], runs[baseline]
    token = _over_prompts(own, lambda run: run.per_token)
    equal, whole = agreement(outputs(runs, reference), outputs(runs, name))
    every = [run for repeated in own for run in repeated]
    tested = None if any(run.tested is None for run in every) else sum(run.tested or 0 for run in every)
    accepted, drafted = sum(run.accepted for run in every), sum(run.drafted for run in every)
    passes = None if any(run.passes is None for run in every) else sum(run.passes or 0 for run in every)
    return Figures(
        name=name,
        label=label,
        first=spread(_over_prompts(own, lambda run: run.first)),
        per_token=spread(token) if token else None,
        per_second=1000.0 / median(token) if token else None,
        total=spread(_over_prompts(own, lambda run: run.total)),
        acceptance=accepted / tested if tested else None,
        efficiency=accepted / drafted if drafted else None,
        per_pass=sum(len(run.tokens) for run in every) / passes if passes else None,
        faster=faster(plain, own),
        faster_token=_faster_token(plain, own),
        host=_host(every),
        equal=equal,
        whole=whole,
        prompts=len(own),
        steady=steady(runs)[name],
    )


def faster(plain: Sequence[Sequence[Run]], own: Sequence[Sequence[Run]]) -> Ratio:
    """How many times faster whole completions are than the plain ones of the same prompts."""
    return speed_up(_over_prompts(plain, _total), _over_prompts(own, _total))


def by_kind(runs: Runs, name: str, baseline: str, cases: Sequence[Case]) -> dict[str, Ratio]:
    """``faster`` for each kind of position alone, and for what the cursor stands in where that differs."""
    kinds = [case.kind for case in cases]
    insides = [f"in {case.inside}" for case in cases]
    groups = _places(kinds) | (_places(insides) if len(set(insides)) > 1 else {})
    found = {}
    for group, chosen in groups.items():
        plain, own = ([runs[row][index] for index in chosen] for row in (baseline, name))
        found[group] = faster(plain, own)
    return found


def _places(groups: Sequence[str]) -> dict[str, list[int]]:
    """Where each of the ``groups`` stands."""
    found: dict[str, list[int]] = {}
    for index, group in enumerate(groups):
        found.setdefault(group, []).append(index)
    return found


def _total(run: Run) -> float:
    return run.total


def _over_prompts(prompts: Sequence[Sequence[Run]], value: Callable[[Run], float | None]) -> list[float]:
    """For each prompt the median of a value over its repeats; prompts without the value are left out."""
    found = ([v for run in repeated if (v := value(run)) is not None] for repeated in prompts)
    return [median(values) for values in found if values]


def _faster_token(plain: Sequence[Sequence[Run]], own: Sequence[Sequence[Run]]) -> Ratio | None:
    pairs = [
        (before[0], after[0])
        for left, right in zip(plain, own, strict=True)
        if (before := _over_prompts([left], lambda run: run.per_token))
        and (after := _over_prompts([right], lambda run: run.per_token))
    ]
    return speed_up([before for before, _ in pairs], [after for _, after in pairs]) if pairs else None


def _host(runs: Sequence[Run]) -> float | None:
    """Median over runs of host time a round."""
    found = [run.host / run.passes for run in runs if run.host is not None and run.passes]
    return median(found) if found else None
