"""What the engine needs of a model and of its cache, whoever implements them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from .precision import Rounding


class Choice(NamedTuple):
    """The likeliest token of a position, and the natural logarithm of its probability."""

    token: int
    log_probability: float


class KVCache(Protocol):
    """Keys and values of one sequence for one model; tokens are appended by ``LanguageModel.forward``."""

    @property
    def length(self) -> int:
        """Tokens held."""
        ...

    @property
    def capacity(self) -> int:
        """Most tokens it can hold."""
        ...

    @property
    def nbytes(self) -> int:
        """Bytes of device memory its buffers take."""
        ...

    def rewind(self, length: int) -> None:
        """Keep the first ``length`` tokens; ValueError unless 0 <= length <= self.length."""
        ...

    def check(self) -> None:
        """Raise RuntimeError if the cache is not consistent."""
        ...


class LanguageModel(Protocol):
    """A causal language model at batch size 1."""

    @property
    def vocab_size(self) -> int:
        """Width of the logits, padding included."""
        ...

    @property
    def max_context(self) -> int:
        """Most tokens the model was made for."""
        ...

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        ...

    @property
    def dtype(self) -> torch.dtype:
        """Type the weights are held in."""
        ...

    @property
    def parameter_bytes(self) -> int:
        """Bytes of the weights, a tied matrix counted once."""
        ...

    @property
    def parameter_count(self) -> int:
        """Number of weights, a tied matrix counted once."""
        ...

    @property
    def family(self) -> str:
        """``model_type`` of the checkpoint."""
        ...

    @property
    def native(self) -> bool:
        """True for the native decoder, False for transformers' own module."""
        ...

    def new_cache(self, capacity: int) -> KVCache:
        """An empty cache for up to ``capacity`` tokens."""
        ...

    def forward(self, tokens: Tensor, cache: KVCache, keep: int = 1) -> Tensor:
        """Append ``tokens`` [n] (int64, on ``device``) to ``cache``.

        Returns float32 logits [keep, vocab_size] of the last ``keep`` positions, 1 <= keep <= n.
        Raises ContextFullError, with the cache unchanged, when n tokens more do not fit.
        """
        ...

    def choose(self, tokens: Sequence[int], cache: KVCache, keep: int, limit: int) -> list[Choice]:
        """Append ``tokens``; the likeliest of the first ``limit`` ids after each of the last ``keep`` tokens.

        Probabilities are over those ids; the lowest id wins a tie. Raises as ``forward`` does.
        """
        ...

    def draft(
        self, tokens: Sequence[int], cache: KVCache, count: int, limit: int, least: float = 0.0
    ) -> list[Choice]:
        """Append ``tokens``, then the model's own choices one by one: 1 to ``count`` >= 1 of them.

        Ends early after a choice with which the product of all their probabilities falls below ``least``.
        The last choice is not appended. Raises as ``forward`` does.
        """
        ...


def held_in(model: LanguageModel) -> str:
    """What the weights of a model are held in, by torch's name: "bfloat16", "int8", …"""
    rounding: Rounding | None = getattr(model, "rounding", None)
    return rounding or str(model.dtype).removeprefix("torch.")
