"""What a native decoder asks of a step that is not its own eager one, however it is made."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from .base import Choice
from .kv import DecoderCache


class Step(Protocol):
    """Steps of one decoder. ``exact``: a token's result does not depend on what is computed beside it."""

    exact: bool

    def prepare(self, cache: DecoderCache) -> None:
        """Lay out what ``cache`` holds as these steps read it."""
        ...

    def logits(self, tokens: Sequence[int], cache: DecoderCache, keep: int, limit: int) -> Tensor:
        """Append ``tokens``; float32 logits [keep, limit] of the last ``keep`` positions."""
        ...

    def choose(self, tokens: Sequence[int], cache: DecoderCache, keep: int, limit: int) -> list[Choice]:
        """Append ``tokens``; the likeliest of the first ``limit`` ids after each of the last ``keep``."""
        ...

    def draft(
        self, tokens: Sequence[int], cache: DecoderCache, count: int, limit: int, least: float
    ) -> list[Choice]:
        """Append ``tokens``, then up to ``count`` - 1 of its own choices; see ``base.LanguageModel``."""
        ...
