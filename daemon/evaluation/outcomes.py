"""From samples to outcomes: what candidates took and were promised to take, and how drafts rank by both."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..bench.steps import Steps
from .candidates import Candidate, Draft
from .formula import Asked, predicted
from .measure import CandidateArm, Sample, memory_of
from .ranking import Cost, Resampling
from .verdict import Outcome, Promise

PLAIN = "plain"
Samples = Mapping[str, Sequence[Sequence[Sample]]]
"""Of each candidate, for each place, one sample a repeat."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Single ``steps`` of a draft with its target, and the ms that it takes to ``read`` all prompts."""

    steps: Steps
    read: float


FRONT = 3
"""Of each draft, and of the pacers, so many are measured more than once."""


def front(arms: Sequence[CandidateArm], samples: Samples) -> list[CandidateArm]:
    """Those that may be the fastest or decide an order, by one run at each place; all that need no draft."""
    ms = {name: sum(repeated[0].ms for repeated in own) for name, own in samples.items()}
    taken: Counter[str] = Counter()
    chosen = set()
    for arm in sorted(arms, key=lambda arm: ms[arm.name]):
        one = arm.candidate
        group = "pacer" if one.kind == "pacer" else "" if one.draft is None else str(one.draft.directory)
        taken[group] += 1
        if one.draft is None or one.draft.usual or taken[group] <= FRONT:
            chosen.add(arm.name)
    return [arm for arm in arms if arm.name in chosen]


def outcomes(
    arms: Sequence[CandidateArm], samples: Samples, steps: Mapping[Draft, Measured], seed: int
) -> list[Outcome]:
    """One of each arm, fastest first. ValueError where nothing was written at any place."""
    costs = {name: [_cost(repeated) for repeated in own] for name, own in samples.items()}
    draws = Resampling(len(costs[PLAIN]), seed)
    best = min(costs, key=lambda name: draws.per_character(costs[name]).value)
    asked = asked_of(samples[PLAIN])
    alphas = {draft: acceptance(_every(arms, samples, draft)) or 0.0 for draft in steps}
    found = []
    for arm in arms:
        draft, k = arm.candidate.draft, arm.candidate.k
        every = [sample for place in samples[arm.name] for sample in place]
        promise = None
        if draft is not None and k is not None:
            promise = _promise(asked, steps[draft], k, alphas[draft])
        found.append(
            Outcome(
                name=arm.name,
                kind=arm.candidate.kind,
                draft=None if draft is None else draft.name,
                directory=None if draft is None else str(draft.directory),
                precision=None if draft is None else draft.precision,
                k=k,
                ms=draws.per_character(costs[arm.name]),
                faster=draws.faster(costs[PLAIN], costs[arm.name]),
                behind=draws.faster(costs[arm.name], costs[best]),
                promise=promise,
                acceptance=acceptance(every),
                per_pass=sum(sample.emitted for sample in every) / sum(sample.passes for sample in every),
                memory=memory_of(arm.engine),
                runs=len(samples[arm.name][0]),
            )
        )
    return sorted(found, key=lambda outcome: outcome.ms.value)


def _promise(asked: Asked, measured: Measured, k: int, alpha: float) -> Promise:
    steps = measured.steps
    return Promise(
        whole=predicted(asked, steps, k, alpha, measured.read),
        steps=steps.predicted(k, alpha),
        draft_step=next(step.ratio for step in steps.draft if step.width == k),
        verify=next(step.ratio for step in steps.verify if step.width == k + 1),
    )


def asked_of(plain: Sequence[Sequence[Sample]]) -> Asked:
    """What plain decoding needed at each place."""
    every = [sample for repeated in plain for sample in repeated]
    return Asked(
        prompts=[min(sample.prompt for sample in repeated) for repeated in plain],
        tokens=[repeated[0].emitted for repeated in plain],
        host=sum(sample.host for sample in every) / sum(sample.passes for sample in every),
    )


def acceptance(samples: Sequence[Sample]) -> float | None:
    """Accepted / tested; None where nothing was tested."""
    tested = sum(sample.tested for sample in samples)
    return sum(sample.accepted for sample in samples) / tested if tested else None


def _every(arms: Sequence[CandidateArm], samples: Samples, draft: Draft) -> list[Sample]:
    """All samples of a draft at fixed lengths: its α is one, whatever the length."""
    own = [arm.name for arm in arms if arm.candidate.draft is draft and arm.candidate.k is not None]
    return [sample for name in own for place in samples[name] for sample in place]


def _cost(repeated: Sequence[Sample]) -> Cost:
    """The least time of the repeats: whatever else the machine does can only add to it."""
    return Cost(min(sample.ms for sample in repeated), repeated[0].characters)


def lengths(found: Sequence[Outcome]) -> dict[str, int]:
    """The length with the least time a character for each draft and precision; ``found`` is fastest first."""
    best: dict[str, int] = {}
    for outcome in found:
        if outcome.kind == "draft" and outcome.k is not None:
            best.setdefault(f"{outcome.draft} {outcome.precision}", outcome.k)
    return best


def orders(found: Sequence[Outcome]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Drafts, each at its best length and precision, as the clock orders them and as the formula does."""
    fixed = [outcome for outcome in found if outcome.kind == "draft"]
    return (
        _first_seen(sorted(fixed, key=lambda one: one.ms.value)),
        _first_seen(sorted(fixed, key=lambda one: -one.promise.whole if one.promise else 0.0)),
    )


def _first_seen(ordered: Sequence[Outcome]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.draft for one in ordered if one.draft is not None))


def usual_of(candidates: Sequence[Candidate], drafter: str, k: int | None) -> str:
    """The candidate that the settings ask for now, by name; "" where it was not measured."""
    kind = {"auto": "pacer", "none": "plain"}.get(drafter, drafter)
    own = next((one.draft for one in candidates if one.draft is not None and one.draft.usual), None)
    for one in candidates:
        model = kind in ("plain", "lookup") or one.draft is own
        length = kind in ("plain", "pacer") or one.k == k
        if one.kind == kind and model and length:
            return one.name
    return ""
