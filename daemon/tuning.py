"""A draft tuned on a folder of the user's: tuning, measuring by the clock, and the choice. Brings torch."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

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

KS = (2, 4, 8)
Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds a character at their best: the pair's own draft, the tuned one, and without any.

    The names say at which precision and length.
    """

    own: float
    tuned: float
    plain: float
    own_name: str
    tuned_name: str

    @property
    def faster(self) -> bool:
        """Whether the tuned draft is to be preferred to the own one."""
        return self.tuned < self.own


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
    if times.faster:
        shelf.use(name)
    shutil.rmtree(job.place)
    return Result(card, str(place), times, times.faster)


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
    """The fastest of ``outcomes``, which stand in that order, with the draft in ``place``, another, and none.

    ValueError where one of the three is missing.
    """
    best: dict[str, Outcome] = {}
    for outcome in outcomes:
        if outcome.kind == "plain":
            best.setdefault("plain", outcome)
        elif outcome.directory is not None:
            best.setdefault("tuned" if outcome.directory == place else "own", outcome)
    if len(best) < 3:
        raise ValueError(f"there is no outcome of both drafts and of plain decoding, only of {sorted(best)}")
    own, tuned, plain = best["own"], best["tuned"], best["plain"]
    return Times(own.ms.value, tuned.ms.value, plain.ms.value, own.name, tuned.name)
