"""A draft model that can be made wrong, or slow, while it is in use."""

import time
from collections.abc import Sequence
from typing import Any

import torch

from ....models.base import Choice, KVCache
from ....models.decoder import Decoder
from ....models.naming import places

SPREAD = 0.05  # standard deviation of random weights


class Spoilt:
    """A draft model that can be made wrong, or slow, and good again; otherwise the model itself."""

    def __init__(self, model: Decoder) -> None:
        self._model = model
        self._kept = {name: place.view.clone() for name, place in places(model).items()}
        self.least = 0.0  # milliseconds that a draft step takes
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def ruin(self) -> None:
        """Make all weights random, in place, but for the norms."""
        source = torch.Generator().manual_seed(0)
        for name, place in places(self._model).items():
            if not name.endswith("norm.weight"):
                place.view.normal_(0.0, SPREAD, generator=source)

    def mend(self) -> None:
        """Take everything back."""
        self.least = 0.0
        for name, place in places(self._model).items():
            place.view.copy_(self._kept[name])

    def draft(
        self, tokens: Sequence[int], cache: KVCache, count: int, limit: int, least: float = 0.0
    ) -> list[Choice]:
        """See ``base.LanguageModel``."""
        begun = time.perf_counter()
        self.calls += 1
        found = self._model.draft(tokens, cache, count, limit, least)
        while 1000.0 * (time.perf_counter() - begun) < self.least * len(found):
            pass
        return found
