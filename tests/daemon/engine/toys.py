"""Toy models whose next-token distribution is a table: fast enough for thousands of completions."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ....daemon.engine.chooser import Chooser
from ....daemon.engine.draft_model import DraftModel
from ....daemon.engine.drafting import Cancelled, Drafter
from ....daemon.engine.generate import Generation
from ....daemon.engine.lookup import Lookup
from ....daemon.engine.records import Finish, Origin, Result, Token
from ....daemon.engine.sampling import Sampling
from ....daemon.engine.slots import Slot
from ....models.base import KVCache, LanguageModel
from ....models.greedy import GreedySteps


def never() -> bool:
    """A request that nobody cancels."""
    return False


class ToyCache:
    """Remembers the tokens instead of keys and values."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.tokens: list[int] = []

    @property
    def length(self) -> int:
        return len(self.tokens)

    @property
    def nbytes(self) -> int:
        return 8 * self.capacity

    def rewind(self, length: int) -> None:
        if not 0 <= length <= self.length:
            raise ValueError(length)
        del self.tokens[length:]

    def check(self) -> None:
        if self.length > self.capacity:
            raise RuntimeError("over capacity")


class ToyModel(GreedySteps):
    """A Markov chain: row i of ``table`` [V, V] holds the logits after token i. Optionally fails once.

    The cache holds real tokens, and with ``memory`` logits depend on their sum: a wrong cache shows.
    """

    family, native, dtype = "toy", True, torch.float32

    def __init__(self, table: Tensor, *, memory: float = 0.0, fail_at: int | None = None) -> None:
        self.table = table
        self.memory = memory
        self.fail_at = fail_at
        self.calls = 0
        self.vocab_size = self.parameter_count = self.parameter_bytes = len(table)
        self.max_context = 4096
        self.device = torch.device("cpu")

    def new_cache(self, capacity: int) -> KVCache:
        return ToyCache(capacity)

    def forward(self, tokens: Tensor, cache: KVCache, keep: int = 1) -> Tensor:
        if not isinstance(cache, ToyCache):
            raise TypeError
        self.calls += 1
        if self.calls == self.fail_at:
            raise MemoryError("scripted")
        cache.tokens.extend(tokens.tolist())
        cache.check()
        rows = []
        for position in range(cache.length - keep, cache.length):
            shift = self.memory * (sum(cache.tokens[: position + 1]) % 7)
            rows.append(self.table[cache.tokens[position]] + shift * torch.arange(self.vocab_size))
        return torch.stack(rows)


class Sink:
    """A writer that takes every token and never stops by itself."""

    def __init__(self) -> None:
        self.emitted: list[int] = []
        self.origins: list[Origin] = []

    @property
    def count(self) -> int:
        return len(self.emitted)

    @property
    def text(self) -> str:
        return "".join(chr(0x100 + token) for token in self.emitted)

    def allowed(self) -> list[int] | None:
        return None

    def write(self, token: int, origin: Origin) -> Finish | None:
        self.emitted.append(token)
        self.origins.append(origin)
        return None

    def take(self) -> str:
        return ""

    def close(self) -> None:
        return

    def kept(self) -> tuple[Token, ...]:
        return tuple(
            Token(chr(0x100 + token), origin)
            for token, origin in zip(self.emitted, self.origins, strict=True)
        )


def tokens_of(
    slot: Slot,
    prompt: Sequence[int],
    target: LanguageModel,
    draft: LanguageModel | None,
    *,
    drafter: str,
    k: int,
    count: int,
    sampling: Sampling | None = None,
    seed: int = 0,
    cancelled: Cancelled = never,
    vocab: int | None = None,
) -> tuple[list[int], Result]:
    """Generate ``count`` tokens after ``prompt`` in ``slot``, without text rules; also the Result."""
    chooser = Chooser(sampling or Sampling(), seed, target.device)
    reused = slot.begin(prompt)
    vocab = vocab or target.vocab_size
    chosen: Drafter = Lookup(list(prompt), len(prompt), 1)
    if drafter == "draft":
        if draft is None or slot.draft is None:
            raise ValueError("no draft")
        chosen = DraftModel(draft, slot.draft, chooser, vocab)
    sink = Sink()
    run = Generation(
        target=target,
        drafter=chosen,
        chooser=chooser,
        slot=slot,
        reused=reused,
        writer=sink,
        vocab=vocab,
        k=k,
        max_tokens=count,
        cancelled=cancelled,
        explain=True,
    )
    *_, result = run
    if not isinstance(result, Result):
        raise TypeError(result)
    return sink.emitted, result


def toy_slot(target: LanguageModel, draft: LanguageModel | None, capacity: int = 256) -> Slot:
    """A fresh slot for two toy models."""
    return Slot(target.new_cache(capacity), None if draft is None else draft.new_cache(capacity))
