"""Warm-up, stable, decay: a learning-rate schedule that can be extended (Hu et al. 2404.06395)."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Factors on the peak rate by tokens seen; a phase without `decay` may go on for ever."""

    warmup: int = 0
    decay: int = 0
    floor: float = 0.0

    def factor(self, seen: int) -> float:
        """Factor for the step that starts after `seen` tokens of this phase: linear up, then 1, or 1 - √."""
        if seen < self.warmup:
            return (seen + 1) / self.warmup
        if not self.decay:
            return 1.0
        return max(self.floor, 1.0 - math.sqrt(min(seen, self.decay) / self.decay))
