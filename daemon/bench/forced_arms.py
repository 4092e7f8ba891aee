"""Our rounds and transformers' generate with forced acceptance, as arms."""

import time
from dataclasses import dataclass
from typing import Any

import torch

from ...models.base import KVCache, LanguageModel
from ..engine.draft_model import DraftModel
from ..engine.generate import Generation
from ..engine.records import Finish, Origin, Result, Token
from ..engine.slots import Slot
from .forced import ForcedChooser, ForcedPasses, Verdicts
from .hugging import constant_drafts, generate
from .records import Case, Run


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


@dataclass(slots=True)
class ForcedArm:
    """Our rounds with forced acceptance; ``k`` 0 is plain. ``cache`` is the draft's in ``slot``."""

    name: str
    label: str
    target: LanguageModel
    draft: LanguageModel
    slot: Slot
    cache: KVCache
    k: int
    acceptance: float

    def run(self, case: Case, count: int) -> Run:
        """Write exactly ``count`` tokens after the case's prompt, from an empty cache."""
        device, vocab = self.target.device, min(self.target.vocab_size, self.draft.vocab_size)
        chooser = ForcedChooser(Verdicts(self.acceptance, sum(case.tokens)), device)
        writer = CountingWriter()
        self.slot.begin([vocab - 1])
        reused = self.slot.begin(case.tokens)
        first, at_first, result = 0.0, 0, None
        started = time.perf_counter()
        generation = Generation(
            target=self.target,
            drafter=DraftModel(self.draft, self.cache, chooser, vocab),
            chooser=chooser,
            slot=self.slot,
            reused=reused,
            writer=writer,
            vocab=vocab,
            k=self.k,
            max_tokens=count,
            cancelled=lambda: False,
        )
        for item in generation:
            if isinstance(item, Result):
                result = item
            elif not at_first:
                first, at_first = time.perf_counter() - started, writer.count
        total = time.perf_counter() - started
        if result is None or reused:
            raise RuntimeError(f"{self.name} did not run from an empty cache")
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
