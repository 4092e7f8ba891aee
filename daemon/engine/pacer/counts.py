"""Hierarchical Beta estimates: a chain of ever finer cells, each shrunk towards the coarser one before it."""

from collections.abc import Sequence

Key = tuple[int, ...]


class Counts:
    """Accepted and tested tokens by cell, old ones forgotten exponentially.

    A chain is a sequence of keys from coarse to fine. The first level may be given a ``prior`` mean, worth
    ``prior_weight`` observations; each next level counts its parent's mean as ``weight`` observations.
    """

    def __init__(self, *, memory: float, weight: float, prior_weight: float) -> None:
        self._keep = 1.0 - 1.0 / memory
        self._weight = weight
        self._prior_weight = prior_weight
        self.cells: dict[Key, list[float]] = {}

    def add(self, chain: Sequence[Key], accepted: bool) -> None:
        """Count one outcome in every cell of ``chain``."""
        keep = self._keep
        for key in chain:
            cell = self.cells.get(key)
            if cell is None:
                self.cells[key] = [float(accepted), 1.0]
            else:
                cell[0] = cell[0] * keep + accepted
                cell[1] = cell[1] * keep + 1.0

    def own(self, key: Key, prior: float) -> tuple[float, float]:
        """Mean and observations of one cell, shrunk towards ``prior``."""
        accepted, tested = self.cells.get(key, (0.0, 0.0))
        weight = self._prior_weight
        return (accepted + weight * prior) / (tested + weight), tested + weight

    def refine(self, mean: float, chain: Sequence[Key]) -> tuple[float, float]:
        """From a first mean down ``chain``: the finest mean, and how many observations it rests on."""
        weight, rests = self._weight, 0.0
        for key in chain:
            cell = self.cells.get(key)
            if cell is None:
                break
            mean = (cell[0] + weight * mean) / (cell[1] + weight)
            rests = max(rests, cell[1])
        return mean, rests


def isotonic(means: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The closest sequence that never falls, by pooling adjacent violators (Ayer et al. 1955)."""
    pools: list[tuple[float, float, int]] = []
    for mean, weight in zip(means, weights, strict=True):
        pool = (mean, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            before = pools.pop()
            total = before[1] + pool[1]
            merged = (before[0] * before[1] + pool[0] * pool[1]) / total
            pool = (merged, total, before[2] + pool[2])
        pools.append(pool)
    return [mean for mean, _, length in pools for _ in range(length)]
