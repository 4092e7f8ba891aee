"""A tuning from beginning to end: the target writes, a copy of the draft learns, both drafts are judged."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import torch

from ..device import free_bytes, pick_device
from ..errors import KernelError, MemoryPlanError, PairError
from ..fingerprint import fingerprint
from ..kernel.binding import bind_steps
from ..pair import LoadedPair, PairSpec, check_pair, load_pair
from ..training import corpus
from ..training.corpus import Source
from ..training.platform import keep_memory
from ..training.trainer import Stopper
from .acceptance import Counts, change, counts
from .budget import Budget
from .card import Card, Change
from .distil import Course, Distillation
from .places import Places, TooLittleError, share_out
from .progress import Progress, Tell
from .store import STATE, Store
from .stream import Stream, Texts
from .student import Student
from .writing import LONGEST_ANSWER, Writer

FORM = 1
"""Of what a store holds: one of another form is begun anew."""
ROOM = 1024
"""Most tokens of a prompt."""
WRITING, LEARNING = 0.45, 0.95
"""Parts of the time by which the target has written, and the student learnt."""
GENERAL_FILES = 400
FEWEST = 12
"""Places of a kind without which nothing is learnt or known."""
BYTES_A_WEIGHT = 24
"""While a draft learns: itself, its gradient, two moments, the best state, and one as it is written."""
SPARE = 256 << 20

Stopped = Callable[[], bool]


class StoppedError(Exception):
    """A signal asked to stop; all is kept, and the same tuning goes on from here."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to tune and where: the draft of ``spec`` on ``sources``, which lie in ``workspace``.

    ``place`` keeps the work in progress; ``steps`` compiled steps (None: steps stay uncompiled); ``minutes``
    of all runs together; ``precision`` is the target's, as for ``pick_dtype``; ``threads`` 0 leaves torch's
    choice.
    """

    name: str
    spec: PairSpec
    workspace: Path
    sources: Sequence[Source]
    place: Path
    minutes: float
    device: str = "auto"
    precision: str = "auto"
    threads: int = 0
    steps: Path | None = None


def tune(job: Job, tell: Tell) -> tuple[Path, Card]:
    """Tune, and return the directory of the new draft in ``job.place``, and its card.

    ``tell`` hears words and a part of 1. Raises TooLittleError, StoppedError, ModelError, and OSError where
    the disk is full or closed.
    """
    if job.threads:
        torch.set_num_threads(job.threads)
    tuning = Tuning(job, tell)
    with tuning.store.locked():
        tuning.begin()
        with Stopper() as stopper:
            texts = tuning.write(lambda: stopper.wanted)
            course = tuning.learn(texts, lambda: stopper.wanted)
            if stopper.wanted:
                raise StoppedError("stopped; nothing is lost, the same command goes on from here")
        return tuning.judge(texts, course)


class Tuning:
    """One job, stage by stage; each stage goes on where an earlier run was cut off."""

    def __init__(self, job: Job, tell: Tell) -> None:
        """Check all that can be checked before anything takes time."""
        if job.spec.draft is None:
            raise PairError(f"{job.spec.name} has no draft to tune; name one with --draft.")
        self.job, self.report = job, check_pair(job.spec)
        self.own = share_out(job.sources)
        self.device = pick_device(job.device)
        keep_memory(self.device)
        self.student = Student.load(job.spec.draft, self.device)
        self.store, self._tell = Store(job.place), tell
        self.budget: Budget
        self.progress: Progress

    def begin(self) -> None:
        """Go on where this job was cut off, or begin it. Raises MemoryPlanError."""
        job = self.job
        self.store.begin({"key": _key(job), "name": job.name, "workspace": str(job.workspace)})
        _check_room(self.student, job.place, self.device)
        self.budget = Budget(self.store, job.minutes)
        self.progress = Progress(self._tell, self.budget)

    def write(self, stopped: Stopped) -> Texts:
        """Have the target write until its part of the time is over; once learning has begun, no more."""
        if not (self.store.place / STATE).is_file() and self.budget.left(WRITING) > 0:
            self.progress.stage("loading the target")
            pair = self._target()
            room = min(ROOM, pair.context - LONGEST_ANSWER)
            places = Places(pair.tokenizer, pair.fim, room)
            stops = pair.tokenizer.end_ids | (pair.fim.stop_ids if pair.fim else frozenset())
            writer = Writer(pair.target, stops, min(pair.vocab, self.student.vocab), room)
            stream = Stream(
                places, writer, self.store, self.own, share_out(general_sources(self.job.sources))
            )
            self.budget.skip()
            self.progress.stage("the target writes")
            stream.run(self.budget, WRITING, self.progress.count, stopped)
        texts = Texts.read(self.store)
        if not stopped() and min(len(texts.own), len(texts.watch), len(texts.judge)) < FEWEST:
            raise TooLittleError(
                f"The target wrote at {len(texts.own)} places only; give more --minutes, or a larger folder."
            )
        return texts

    def learn(self, texts: Texts, stopped: Stopped) -> Course:
        """Train until its part of the time is over or nothing is gained; the student ends at its best."""
        work = Distillation(self.student, texts, self.store.place / STATE)
        if stopped():
            return work.course
        self.progress.stage("looking at the draft")
        work.begin()
        self.budget.charge("looking")
        seconds = self.budget.seconds * LEARNING - self.budget.spent()
        self.budget.add("learning", work.course.seconds)
        self.progress.stage("learning")

        def tell(tokens: int) -> None:
            alphas = f"{work.course.first:.3f} → {work.course.last:.3f}"
            self.progress.count(tokens, f"held-out α {alphas}")

        work.run(seconds, tell, stopped)
        self.student.model.load_state_dict(work.best)
        return work.course

    def judge(self, texts: Texts, course: Course) -> tuple[Path, Card]:
        """Compare the student with the draft it began as, and write it down."""
        self.progress.stage("judging")
        folder = self.store.place / "draft"
        shutil.rmtree(folder, ignore_errors=True)
        self.student.write(folder)
        before, after = (self._counts(texts, each) for each in (self.student.source.path, folder))
        self.budget.charge("judging")
        own, general = (change(*pair) for pair in zip(before, after, strict=True))
        card = self._card(texts, course, own, general)
        card.write(folder)
        return folder, card

    def _counts(self, texts: Texts, directory: Path) -> list[list[Counts]]:
        """What of the workspace's and of general code is accepted from the draft in a directory."""
        self.student.read(directory)
        return [counts(self.student, kind) for kind in (texts.judge, texts.general)]

    def _target(self) -> LoadedPair:
        """The target alone, with compiled steps where there can be some."""
        spec = replace(self.job.spec, draft=None)
        pair = load_pair(spec, device=self.device, target_dtype=self.job.precision)
        if self.job.steps is not None and self.device.type == "cpu":
            try:
                bind_steps([pair.target], self.job.steps, torch.get_num_threads(), pair.context)
            except KernelError as reason:
                self.progress.stage(f"uncompiled: {reason}")
        return pair

    def _card(self, texts: Texts, course: Course, own: Change, general: Change) -> Card:
        job, draft = self.job, self.student.source.path
        return Card(
            name=job.name,
            workspace=str(job.workspace),
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            target=str(job.spec.target),
            target_fingerprint=fingerprint(job.spec.target),
            draft=str(draft),
            draft_fingerprint=fingerprint(draft),
            files=len(self.own.learn),
            held_out=len(self.own.watch) + len(self.own.judge),
            places=len(texts.learnt),
            tokens=course.tokens,
            minutes=round(self.budget.spent() / 60, 2),
            device=str(self.device),
            own=own,
            general=general,
        )


def general_sources(own: Sequence[Source]) -> list[Source]:
    """Files of the standard library of this Python, those of the workspace left out, always the same ones."""
    known = {source.text for source in own}
    files = sorted(corpus.stdlib_files(), key=lambda item: hashlib.sha256(item[1].encode()).digest())
    found: list[Source] = []
    for path, shown in files:
        text = corpus.read_source(path)
        if text is not None and corpus.refusal(text) is None and text not in known:
            found.append(Source(corpus.STDLIB, shown, text))
        if len(found) == GENERAL_FILES:
            break
    return found


def _key(job: Job) -> str:
    """What must be the same for a tuning to go on."""
    weights = fingerprint(job.spec.target, job.spec.draft)
    return hashlib.sha256(f"{FORM} {weights} {job.workspace} {job.name}".encode()).hexdigest()


def _check_room(student: Student, place: Path, device: torch.device) -> None:
    """MemoryPlanError or OSError where learning, or keeping it, cannot have the room it needs."""
    weights = sum(parameter.numel() for parameter in student.model.parameters())
    needed = weights * BYTES_A_WEIGHT + SPARE
    free = free_bytes(device)
    if free is not None and needed > free:
        raise MemoryPlanError(
            f"Tuning a draft of {weights / 1e6:.0f} M weights needs {needed / 2**30:.1f} GiB on {device} and "
            f"{free / 2**30:.1f} are free; choose a smaller draft or another device."
        )
    disk = shutil.disk_usage(place).free
    if needed > disk:
        raise MemoryPlanError(
            f"Tuning keeps {needed / 2**30:.1f} GiB in {place} and {disk / 2**30:.1f} are free; make room."
        )
