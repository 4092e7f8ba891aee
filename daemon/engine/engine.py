"""The engine: one loaded pair, its slots, and completions run one at a time."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import torch

from ...models.base import LanguageModel, held_in
from ...models.device import pick_device
from ...models.pair import LoadedPair, load_pair, resolve
from .chooser import Chooser
from .compiling import Compiling
from .drafting import Cancelled, Interrupted
from .generate import Generation, Output
from .pacing import MOST, Pacing
from .prefill import prefill
from .prompt import Prompt, build_prompt
from .records import Completion, Piece, Result
from .rehearsing import Written
from .sampling import Sampling
from .slots import Slot, Slots
from .window import Pieces
from .writer import Writer

KEEP_EVERY = 64
"""Completions after which what the pacer learnt is written to disk."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What to load and where.

    ``draft`` None takes the pair's own, "none" loads no draft; ``models`` is where pulled models lie (None:
    there are none); ``context`` 0 takes the pair's own length and
    ``threads`` 0 leaves torch's choice; with ``compile`` steps are compiled in the background and kept in
    ``steps`` (None: for this process alone); ``state`` keeps what the pacer learns (None: nothing is kept);
    the rest is as for ``models.device`` and ``models.pair``.
    """

    target: str = "mini"
    draft: str | None = None
    device: str = "auto"
    target_dtype: str = "auto"
    draft_dtype: str = "auto"
    context: int = 0
    slots: int = 4
    threads: int = 0
    compile: bool = False
    steps: Path | None = None
    state: Path | None = None
    models: Path | None = None


class Engine:
    """Completes requests with one pair: one at a time, from one thread."""

    def __init__(self, pair: LoadedPair, slots: int, state: Path | None = None) -> None:
        self._pair = pair
        self._pieces = Pieces(pair.tokenizer)
        self._slots = Slots(pair.target, pair.draft, pair.context, slots)
        self._compiling: Compiling | None = None
        self._pacing = Pacing(pair, state)
        self._models = {  # what ``facts`` says of them: it is asked after every answer
            "target": _model_facts(pair.target),
            "draft": None if pair.draft is None else _model_facts(pair.draft),
        }
        self._unkept = 0
        self._unlearnt: Callable[[], None] | None = None

    @classmethod
    def load(cls, options: EngineOptions, progress: Callable[[str, float], None] | None = None) -> Self:
        """Check and load the pair; ``progress(stage, fraction)`` is called as it goes. Raises ModelError."""
        if options.threads:
            torch.set_num_threads(options.threads)
        device = pick_device(options.device)
        spec = resolve(options.target, options.draft, context=options.context or None, store=options.models)
        pair = load_pair(
            spec,
            device=device,
            target_dtype=options.target_dtype,
            draft_dtype=options.draft_dtype,
            slots=options.slots,
            progress=progress,
        )
        engine = cls(pair, options.slots, options.state)
        if options.compile:
            engine.compile(options.steps)
        return engine

    @property
    def pair(self) -> LoadedPair:
        """The pair it completes with."""
        return self._pair

    def compile(self, directory: Path | None = None) -> None:
        """Compile the models' steps in the background, keeping what is built in ``directory``."""
        models = [model for model in (self._pair.target, self._pair.draft) if model is not None]
        self._compiling = Compiling(models, directory, torch.get_num_threads(), self._slots.capacity)

    def wait_compiled(self, timeout: float | None = None) -> bool:
        """Wait at most ``timeout`` seconds until compiling is over; whether compiled steps are in use."""
        return self._compiling is not None and self._compiling.wait(timeout)

    def complete(self, request: Completion, cancelled: Cancelled) -> Iterator[Piece | Result]:
        """Pieces of final text as they come, then the Result; a cancel ends it with finish "cancelled".

        The iterator may be closed at any point; the slot stays valid.
        """
        begun = time.perf_counter()
        prompt, slot, reused = self._begin(request)
        sampling = Sampling(request.temperature, request.top_k, request.top_p)
        chooser = Chooser(sampling, request.seed, self._pair.target.device)
        paced = self._pacing.begin(request, prompt, slot, chooser)
        generation = Generation(
            target=self._pair.target,
            drafter=paced,
            chooser=chooser,
            slot=slot,
            reused=reused,
            writer=self.writer(request, prompt),
            vocab=self._pair.vocab,
            k=MOST if request.k is None else request.k,
            max_tokens=request.max_tokens,
            cancelled=cancelled,
            explain=request.explain,
            deadline=None if request.deadline_ms is None else request.deadline_ms / 1000.0,
            pace=paced,
        )
        try:
            yield from generation
        finally:
            ms = 1000.0 * (time.perf_counter() - begun)
            written = Written(slot, list(slot.tokens), len(prompt.tokens), ms)
            self._unlearnt = partial(self._pacing.wrote, request, paced.answer, written)
            self._unkept += 1

    def idle(self, stopped: Callable[[], bool]) -> bool:
        """Do what waits for a quiet moment: learn this machine's times, have the draft model read the last
        answer, keep what was learnt on disk.

        Returns False while something is left to do: steps are still being compiled, or ``stopped()`` turned
        true. Call it from the thread that completes.
        """
        self._catch_up()
        compiling = self._compiling
        if compiling is not None and not compiling.over:
            return False
        if not self._pacing.ready("compiled" if self.wait_compiled(0) else "uncompiled", stopped):
            return False
        if not self._pacing.rehearse(stopped):
            return False
        self._pacing.warn()
        if self._unkept >= KEEP_EVERY:
            self._pacing.keep()
            self._unkept = 0
        return True

    def writer(self, request: Completion, prompt: Prompt) -> Output:
        """What takes the tokens of a request; the bench has one of its own, which writes a fixed number."""
        return Writer(request, prompt, self._pair.tokenizer)

    def warm(self, request: Completion, cancelled: Cancelled) -> None:
        """Compute the KV of a request's prompt, so that completing it later starts at once."""
        prompt, slot, _ = self._begin(request)
        try:
            prefill(self._pair.target, slot.target, prompt.tokens, cancelled, leave=1)
            if self._pair.draft is not None and slot.draft is not None:
                prefill(self._pair.draft, slot.draft, prompt.tokens, cancelled, leave=1)
        except Interrupted:
            return
        finally:
            slot.settle()

    def facts(self) -> dict[str, object]:
        """What is loaded, as plain values for ``status``; sizes in bytes."""
        pair = self._pair
        return {
            "pair": pair.spec.name,
            "device": str(pair.target.device),
            "threads": torch.get_num_threads(),
            "step": "uncompiled" if self._compiling is None else self._compiling.state,
            "context": self._slots.capacity,
            "fim": None if pair.fim is None else f"{pair.fim.name}, {pair.fim.order}",
            **self._models,
            "slots": self._slots.count,
            "kv_bytes": self._slots.nbytes,
            "pacer": self._pacing.facts(),
        }

    def close(self) -> None:
        """Keep what the pacer learnt, drop the models and the slots; the engine cannot be used any more."""
        self._catch_up()
        if self._unkept:
            self._pacing.keep()
        del self._pair, self._slots, self._pieces, self._pacing

    def _catch_up(self) -> None:
        """Learn from the last answer: in the quiet moment after it, or at last before the next one begins."""
        learn, self._unlearnt = self._unlearnt, None
        if learn is not None:
            learn()

    def _begin(self, request: Completion) -> tuple[Prompt, Slot, int]:
        self._catch_up()
        pair = self._pair
        prompt = build_prompt(
            request, pair.tokenizer, pair.fim, context=self._slots.capacity, pieces=self._pieces
        )
        slot = self._slots.acquire(prompt.tokens)
        return prompt, slot, slot.begin(prompt.tokens)


def _model_facts(model: LanguageModel) -> dict[str, object]:
    return {
        "family": model.family,
        "parameters": model.parameter_count,
        "bytes": model.parameter_bytes,
        "dtype": held_in(model),
        "native": model.native,
    }
