"""An evaluation from beginning to end: places, candidates, measurement, verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ... import __version__
from ...models.base import held_in
from ...models.fingerprint import fingerprint
from ...models.pairing import resolve
from ...models.tokenizer import Tokenizer
from ..bench import hardware
from ..bench.prompts import NoPromptsError
from ..bench.schedule import measure
from ..bench.steps import time_steps
from ..engine.engine import EngineOptions
from .candidates import Draft, Field, Tell, candidates, load_field
from .formula import levelled
from .measure import CandidateArm, Sample, arms, prompt_tokens, reading_ms
from .outcomes import Measured, front, lengths, outcomes, usual_of
from .places import Place, find_places
from .verdict import Outcome, Verdict, save
from .watch import answered, fit_of
from .words import Judgement, judge

LESSONS = 12
"""Places that pacers learn from, and that are not measured."""
MARKERS = 192
"""Tokens of context for markers, path and what healing takes back."""
SPARE = 2
"""Tokens of context for a step besides those that are drafted."""
STEP_REPEATS = 20
READINGS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: ``on`` a folder, ``drafts`` (directories or names) beside the pair's own.

    ``places`` to complete at, ``most`` tokens of text around each, at most ``tokens`` written, ``repeats``
    runs of the candidates in front at each; ``usual`` is who proposes by the settings, ``usual_k`` how many
    tokens.
    """

    on: Path
    drafts: tuple[str, ...] = ()
    ks: tuple[int, ...] = (1, 2, 4, 8)
    places: int = 24
    most: int = 512
    tokens: int = 64
    repeats: int = 3
    seed: int = 0
    usual: str = "auto"
    usual_k: int | None = None


def evaluate(options: EngineOptions, plan: Plan, tell: Tell) -> Verdict:
    """Measure ``plan`` with the pair of ``options`` and keep the verdict where its ``state`` says.

    ``tell(stage, fraction)`` hears how far it is. Raises ModelError, NoPromptsError for a folder without
    code, OSError where the verdict cannot be kept.
    """
    before = hardware.now()
    places, lessons = _places(options, plan, tell)
    field = load_field(options, plan.drafts, plan.most + plan.tokens + MARKERS, tell)
    ways = candidates(field, plan.ks)
    runners = arms(field, ways, lessons, plan.tokens, tell)
    samples = _samples(runners, places, plan, tell)
    steps = _steps(field, places, plan, tell)
    try:
        found = outcomes(runners, samples, steps, plan.seed)
    except ValueError:
        raise NoPromptsError(
            f"the target writes nothing at the places in {plan.on}: try another folder"
        ) from None
    share = hardware.others(before, hardware.now())
    judged = judge(found, usual_of(ways, plan.usual, plan.usual_k), _current(options, field, plan))
    verdict = _verdict(field, plan, places, found, judged, share=share, state=options.state)
    if options.state is not None:
        save(options.state, verdict)
    return verdict


def _samples(
    runners: Sequence[CandidateArm], places: Sequence[Place], plan: Plan, tell: Tell
) -> dict[str, list[list[Sample]]]:
    """Every candidate once at every place, then those in front as often as is left."""
    found = measure(runners, places, plan.tokens, 1, tell, settle=0.0)
    if plan.repeats > 1:
        chosen = front(runners, found)
        again = measure(chosen, places, plan.tokens, plan.repeats - 1, tell, settle=0.0)
        for name, own in again.items():
            found[name] = [before + after for before, after in zip(found[name], own, strict=True)]
    return found


def _places(options: EngineOptions, plan: Plan, tell: Tell) -> tuple[list[Place], list[Place]]:
    """Places to measure at, and places to learn from; found before weights are read."""
    spec = resolve(options.target, "none", store=options.models)
    found = find_places(
        plan.on,
        Tokenizer.from_directory(spec.target),
        count=plan.places + LESSONS,
        most=plan.most,
        seed=plan.seed,
        tell=tell,
    )
    return found[: plan.places], found[plan.places :]


def _steps(field: Field, places: Sequence[Place], plan: Plan, tell: Tell) -> dict[Draft, Measured]:
    """Single steps of every draft after prompts that fit it, the target's the same for all."""
    room = max(plan.tokens, *plan.ks) + SPARE
    found = [
        _measured(draft, prompt_tokens(draft.pair, places, room), plan.ks, tell) for draft in field.drafts
    ]
    even = levelled([one.steps for one in found])
    return {
        draft: replace(one, steps=steps) for draft, one, steps in zip(field.drafts, found, even, strict=True)
    }


def _measured(draft: Draft, prompts: Sequence[Sequence[int]], ks: Sequence[int], tell: Tell) -> Measured:
    """Single steps of a draft and its target after a prompt of middling length, and its reading of all."""
    pair = draft.pair
    if pair.draft is None:
        raise ValueError(f"{draft.name} has no model")
    middling = sorted(prompts, key=len)[len(prompts) // 2]
    steps = time_steps(pair.target, pair.draft, middling, ks=ks, repeats=STEP_REPEATS, tell=tell)
    return Measured(steps, reading_ms(pair.draft, prompts, READINGS))


def _current(options: EngineOptions, field: Field, plan: Plan) -> dict[str, str | int | None]:
    """The settings that advice may change, as they are."""
    own = next((str(draft.directory) for draft in field.drafts if draft.usual), options.draft)
    return {
        "draft": own,
        "draft_dtype": options.draft_dtype,
        "drafter": plan.usual,
        "k": plan.usual_k,
    }


def _verdict(
    field: Field,
    plan: Plan,
    places: Sequence[Place],
    found: Sequence[Outcome],
    judged: Judgement,
    *,
    share: float | None,
    state: Path | None,
) -> Verdict:
    target = field.plain.target
    fit = fit_of(field.plain.spec.target, str(target.device), held_in(target), field.step)
    return Verdict(
        fit=fit,
        paceline=__version__,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        requests=0 if state is None else answered(state, fit),
        folder=str(plan.on.resolve()),
        places=len(places),
        recent=sum(place.recent for place in places),
        outcomes=tuple(found),
        best=found[0].name,
        usual=judged.usual,
        advised=judged.advised,
        advice=judged.advice,
        lengths=lengths(found),
        measured=judged.measured,
        predicted=judged.predicted,
        refused={one.name: one.reason for one in field.refused},
        drafts=tuple(dict.fromkeys(fingerprint(draft.directory) for draft in field.drafts)),
        hardware=hardware.describe(target.device),
        others=share,
        warning=hardware.warning(share),
        words=tuple(judged.words),
    )
