"""Our rounds and transformers' generate with forced acceptance, as arms."""

import time
from dataclasses import dataclass
from typing import Any

import torch

from ...models.base import LanguageModel
from ..engine.calibrating import Models, measure
from ..engine.draft_model import DraftModel
from ..engine.drafting import Drafter
from ..engine.generate import Generation, Pace
from ..engine.paced import Paced
from ..engine.pacer.answer import Answer
from ..engine.pacer.decision import Pacer
from ..engine.pacer.position import Position
from ..engine.pacer.round import NO_DRAFTS, Rules
from ..engine.plain import Plain
from ..engine.records import Completion, Finish, Origin, Result, Token
from ..engine.slots import Slot
from ..engine.stops.place import Place
from .forced import ForcedChooser, ForcedPasses, Verdicts
from .hugging import constant_drafts, generate
from .records import Case, Run

NOWHERE = Place.of(Completion(path="random", prefix="\n"))


class CountingWriter:
    """Takes tokens without looking at them; every token shows as one character."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self._shown = 0

    @property
    def count(self) -> int:
        """Tokens taken so far."""
        return len(self.tokens)

    @property
    def text(self) -> str:
        """One character a token."""
        return "." * len(self.tokens)

    def allowed(self) -> None:
        """Every id may come next."""

    def write(self, token: int, origin: Origin) -> Finish | None:  # noqa: ARG002
        """Take one token; it never stops."""
        self.tokens.append(token)
        return None

    def take(self) -> str:
        """One character for each token not handed out before."""
        begin, self._shown = self._shown, len(self.tokens)
        return self.text[begin:]

    def close(self) -> None:
        """Nothing more will be written."""

    def kept(self) -> tuple[Token, ...]:
        """As many tokens as were written."""
        return tuple(Token(".", "target") for _ in self.tokens)


@dataclass(frozen=True, slots=True)
class Way:
    """How an answer is written: who judges, who drafts, how many tokens a round at most, who learns."""

    chooser: ForcedChooser
    drafter: Drafter
    k: int
    pace: Pace | None = None


class ForcedModels:
    """Both models and one slot of caches, which all arms of ours write in."""

    def __init__(self, target: LanguageModel, draft: LanguageModel, room: int) -> None:
        """Allocate caches of ``room`` tokens."""
        self.target, self.draft = target, draft
        self.cache = draft.new_cache(room)
        self.slot = Slot(target.new_cache(room), self.cache)
        self.vocab = min(target.vocab_size, draft.vocab_size)

    def write(self, case: Case, count: int, way: Way, name: str) -> Run:
        """Write exactly ``count`` tokens after the case's prompt, from an empty cache."""
        writer = CountingWriter()
        self.slot.begin([self.vocab - 1])
        reused = self.slot.begin(case.tokens)
        first, at_first, result = 0.0, 0, None
        started = time.perf_counter()
        generation = Generation(
            target=self.target,
            drafter=way.drafter,
            chooser=way.chooser,
            slot=self.slot,
            reused=reused,
            writer=writer,
            vocab=self.vocab,
            k=way.k,
            max_tokens=count,
            cancelled=lambda: False,
            pace=way.pace,
        )
        for item in generation:
            if isinstance(item, Result):
                result = item
            elif not at_first:
                first, at_first = time.perf_counter() - started, writer.count
        total = time.perf_counter() - started
        if result is None or reused:
            raise RuntimeError(f"{name} did not run from an empty cache")
        return Run(
            tokens=tuple(writer.tokens),
            first=1000.0 * first,
            total=1000.0 * total,
            at_first=at_first,
            drafted=result.drafted,
            tested=result.tested,
            accepted=result.accepted,
            passes=result.passes,
            host=result.ms.host,
        )


@dataclass(slots=True)
class ForcedArm:
    """Our rounds with forced acceptance; ``k`` 0 is plain."""

    name: str
    label: str
    models: ForcedModels
    k: int
    acceptance: float

    def run(self, case: Case, count: int) -> Run:
        """Write exactly ``count`` tokens after the case's prompt, from an empty cache."""
        models = self.models
        chooser = ForcedChooser(Verdicts(self.acceptance, sum(case.tokens)), models.target.device)
        drafter = DraftModel(models.draft, models.cache, chooser, models.vocab)
        return models.write(case, count, Way(chooser, drafter, self.k), self.name)


@dataclass(slots=True)
class ForcedPacerArm:
    """Rounds as they are served: the pacer chooses when the draft model drafts, and how much, and learns.

    Nothing is looked up: there is no text. ``acceptance`` may be changed between runs.
    """

    name: str
    label: str
    models: ForcedModels
    acceptance: float
    pacer: Pacer

    def prepare(self) -> None:
        """Measure what steps cost, as an engine does before it is asked."""
        models = self.models
        room = models.cache.capacity
        measure(
            Models(models.target, models.draft, models.vocab, room),
            self.pacer.costs,
            self.pacer.calls,
            lambda: False,
        )

    def run(self, case: Case, count: int) -> Run:
        """As ``ForcedArm.run``; what the answer teaches is learnt after it, as in the daemon."""
        models, pacer = self.models, self.pacer
        chooser = ForcedChooser(Verdicts(self.acceptance, sum(case.tokens)), models.target.device)
        way = pacer.gate.way("block", count)
        answer = Answer(pacer, "", "block", NO_DRAFTS if way == "plain" else Rules(), count)
        drafter: Plain | Paced = Plain(answer)
        if way != "plain":
            drafter = Paced(answer, Position(NOWHERE), lambda _: b".")
            drafter.draft = DraftModel(models.draft, models.cache, chooser, models.vocab)
            drafter.control = pacer.control("block") if way == "control" else None
        run = models.write(case, count, Way(chooser, drafter, pacer.most, drafter), self.name)
        answer.catch_up()
        pacer.refresh()
        return run


@dataclass(slots=True)
class ForcedHuggingArm:
    """transformers' ``generate``, plain (``k`` 0) or assisted with forced acceptance."""

    name: str
    label: str
    target: Any
    draft: Any
    k: int
    acceptance: float

    def run(self, case: Case, count: int) -> Run:
        """Generate exactly ``count`` tokens with a new cache."""
        feed = torch.tensor([case.tokens], dtype=torch.long, device=self.target.device)
        if not self.k:
            return generate(self.target, None, feed, count, {})
        self.draft.generation_config = constant_drafts(self.k)
        forced = ForcedPasses(Verdicts(self.acceptance, sum(case.tokens)), feed.shape[1])
        handle = self.target.register_forward_hook(forced.hook, with_kwargs=True)
        try:
            return generate(self.target, self.draft, feed, count, {})
        finally:
            handle.remove()
