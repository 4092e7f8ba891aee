"""The engine: one loaded pair, its slots, and completions run one at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import torch

from ...models.base import LanguageModel
from ...models.device import pick_device
from ...models.pair import LoadedPair, load_pair, resolve
from .chooser import Chooser
from .compiling import Compiling
from .draft_model import DraftModel
from .drafting import Cancelled, Drafter, Interrupted
from .generate import Generation, Output
from .lookup import Lookup
from .prefill import prefill
from .prompt import Prompt, build_prompt
from .records import Completion, Piece, Result
from .sampling import Sampling
from .slots import Slot, Slots
from .window import Pieces
from .writer import Writer

DEFAULT_K = 4
LEAST_MATCH = 2
"""Shortest match that lookup makes a proposal of."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What to load and where.

    ``draft`` None takes the pair's own, "none" loads no draft; ``context`` 0 takes the pair's own length and
    ``threads`` 0 leaves torch's choice; with ``compile`` steps are compiled in the background and kept in
    ``steps`` (None: for this process alone); the rest is as for ``models.device`` and ``models.pair``.
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


class Engine:
    """Completes requests with one pair: one at a time, from one thread."""

    def __init__(self, pair: LoadedPair, slots: int) -> None:
        self._pair = pair
        self._pieces = Pieces(pair.tokenizer)
        self._slots = Slots(pair.target, pair.draft, pair.context, slots)
        self._compiling: Compiling | None = None

    @classmethod
    def load(cls, options: EngineOptions, progress: Callable[[str, float], None] | None = None) -> Self:
        """Check and load the pair; ``progress(stage, fraction)`` is called as it goes. Raises ModelError."""
        if options.threads:
            torch.set_num_threads(options.threads)
        device = pick_device(options.device)
        own_draft = options.draft in (None, "none")
        spec = resolve(options.target, None if own_draft else options.draft, context=options.context or None)
        pair = load_pair(
            replace(spec, draft=None) if options.draft == "none" else spec,
            device=device,
            target_dtype=options.target_dtype,
            draft_dtype=options.draft_dtype,
            slots=options.slots,
            progress=progress,
        )
        engine = cls(pair, options.slots)
        if options.compile:
            engine.compile(options.steps)
        return engine

    def compile(self, directory: Path | None = None) -> None:
        """Compile the models' steps in the background, keeping what is built in ``directory``."""
        models = [model for model in (self._pair.target, self._pair.draft) if model is not None]
        self._compiling = Compiling(models, directory, torch.get_num_threads())

    def wait_compiled(self, timeout: float | None = None) -> bool:
        """Wait at most ``timeout`` seconds until compiling is over; whether compiled steps are in use."""
        return self._compiling is not None and self._compiling.wait(timeout)

    def complete(self, request: Completion, cancelled: Cancelled) -> Iterator[Piece | Result]:
        """Pieces of final text as they come, then the Result; a cancel ends it with finish "cancelled".

        The iterator may be closed at any point; the slot stays valid.
        """
        prompt, slot, reused = self._begin(request)
        sampling = Sampling(request.temperature, request.top_k, request.top_p)
        chooser = Chooser(sampling, request.seed, self._pair.target.device)
        yield from Generation(
            target=self._pair.target,
            drafter=self._drafter(request, prompt, slot, chooser),
            chooser=chooser,
            slot=slot,
            reused=reused,
            writer=self.writer(request, prompt),
            vocab=self._pair.vocab,
            k=self._k(request),
            max_tokens=request.max_tokens,
            cancelled=cancelled,
            explain=request.explain,
            deadline=None if request.deadline_ms is None else request.deadline_ms / 1000.0,
        )

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
            "target": _model_facts(pair.target),
            "draft": None if pair.draft is None else _model_facts(pair.draft),
            "slots": self._slots.count,
            "kv_bytes": self._slots.nbytes,
        }

    def close(self) -> None:
        """Drop the models and the slots; the engine cannot be used any more."""
        del self._pair, self._slots, self._pieces

    def _begin(self, request: Completion) -> tuple[Prompt, Slot, int]:
        pair = self._pair
        prompt = build_prompt(
            request, pair.tokenizer, pair.fim, context=self._slots.capacity, pieces=self._pieces
        )
        slot = self._slots.acquire(prompt.tokens)
        return prompt, slot, slot.begin(prompt.tokens)

    def _k(self, request: Completion) -> int:
        if request.drafter == "none":
            return 0
        return DEFAULT_K if request.k is None else request.k

    def _drafter(self, request: Completion, prompt: Prompt, slot: Slot, chooser: Chooser) -> Drafter:
        """The draft model where it is asked for, else lookup, which costs next to nothing.

        With eager steps a small draft model takes more time than it saves, so "auto" does not take it.
        """
        model, cache = self._pair.draft, slot.draft
        if request.drafter == "draft" and model is not None and cache is not None:
            return DraftModel(model, cache, chooser, self._pair.vocab)
        return Lookup(prompt.lookup, len(prompt.tokens), LEAST_MATCH)


def _model_facts(model: LanguageModel) -> dict[str, object]:
    return {
        "family": model.family,
        "parameters": model.parameter_count,
        "bytes": model.parameter_bytes,
        "dtype": str(model.dtype).removeprefix("torch."),
        "native": model.native,
    }
