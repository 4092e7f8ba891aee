"""A draft tuned on a folder of the user's: tuning, measuring by the clock, and the choice. Brings torch."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import geometric_mean

from ..models.pairing import resolve
from ..models.training.corpus import Source, refusal
from ..models.tuning.card import Card
from ..models.tuning.places import share_out
from ..models.tuning.tune import Job, tune
from .drafts import Shelf
from .engine.engine import EngineOptions
from .evaluation.evaluate import Plan, evaluate
from .evaluation.files import Folder, read
from .evaluation.verdict import Outcome

KS = (2, 4)
CLEARLY = 0.98
"""The tuned draft's time over the other's from which it is used: closer to 1 lies the noise of measuring."""
Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds a character at their best: the pair's own draft, the tuned one, and without any.

    The names say at which precision and length. ``ratio`` is tuned / own in the same ways, their geometric
    mean: below 1 the tuned draft is the faster one.
    """

    own: float
    tuned: float
    plain: float
    own_name: str
    tuned_name: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it; no ``directory`` and no ``times`` where nothing was gained and nothing kept."""

    card: Card
    directory: str | None
    times: Times | None
    in_use: bool


def tune_on(
    folder: Path, name: str, options: EngineOptions, shelf: Shelf, *, minutes: float, places: int, tell: Tell
) -> Result:
    """Tune the draft of ``options`` on ``folder``; the result is on the shelf, and in use if it is faster.

    Both drafts are measured at ``places`` of files that were held out. The same call goes on where an earlier
    one ended. Raises ModelError, StoppedError, NoPromptsError, and OSError where the disk is full.
    """
    job = Job(
        name=name,
        spec=resolve(options.target, options.draft, store=options.models),
        workspace=folder,
        sources=sources_of(folder),
        place=shelf.work(name),
        minutes=minutes,
        device=options.device,
        precision=options.target_dtype,
        threads=options.threads,
        steps=options.steps if options.compile else None,
    )
    made, card = tune(job, tell)
    if card.own.after <= card.own.before:
        shutil.rmtree(job.place)
        return Result(card, None, None, False)
    place = shelf.take(name, made)
    times = _measure(options, place, share_out(job.sources).held_out, places, tell)
    in_use = times.ratio < CLEARLY
    if in_use:
        shelf.use(name)
    shutil.rmtree(job.place)
    return Result(card, str(place), times, in_use)


def sources_of(folder: Path) -> list[Source]:
    """The code below ``folder`` that no rule excludes, generated files and data left out."""
    found = ((path.relative_to(folder).as_posix(), read(path)) for path in Folder(folder).files())
    return [
        Source(folder.name, shown, unix)
        for shown, text in found
        if text is not None and refusal(unix := text.replace("\r\n", "\n")) is None
    ]


def _measure(options: EngineOptions, place: Path, held: Sequence[Source], places: int, tell: Tell) -> Times:
    """Milliseconds a character with either draft, on the files that were held out."""
    with tempfile.TemporaryDirectory(prefix="paceline-") as name:
        for source in held:
            path = Path(name) / source.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source.text)
        plan = Plan(Path(name), (str(place),), KS, places=places)
        verdict = evaluate(replace(options, state=None), plan, tell)
    return times_of(verdict.outcomes, str(place.resolve()))


def times_of(outcomes: Sequence[Outcome], place: str) -> Times:
    """What ``outcomes`` say of the draft in ``place``, of the other one, and of plain decoding.

    ValueError where one of the three is missing.
    """
    drafts = [outcome for outcome in outcomes if outcome.directory is not None]
    tuned, own = (
        {_way(each): each for each in drafts if (each.directory == place) is mine} for mine in (True, False)
    )
    plain = [outcome for outcome in outcomes if outcome.kind == "plain"]
    if not plain or not tuned.keys() & own.keys():
        raise ValueError("there is no outcome of both drafts and of plain decoding")
    ratios = [tuned[way].ms.value / own[way].ms.value for way in tuned.keys() & own.keys()]
    best, other = (min(each.values(), key=lambda outcome: outcome.ms.value) for each in (tuned, own))
    ratio = geometric_mean(ratios)
    return Times(other.ms.value, best.ms.value, plain[0].ms.value, other.name, best.name, ratio)


def _way(outcome: Outcome) -> tuple[str, str | None, int | None]:
    """How a draft was used."""
    return outcome.kind, outcome.precision, outcome.k
