"""The target's own text at places of the workspace and of general code, until its time is up."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from ..training.corpus import Source
from .budget import Budget
from .places import Places, Shares, Tokens
from .store import Store
from .writing import Writer, Written

FLUSH_SECONDS = 5.0
ROUND = ("watch", "mind", "judge", "judge", "general", "general", *("own", "own", "mix") * 4)
MOST = {"watch": 200, "mind": 200, "judge": 400, "general": 400}
CHARACTERS = 6
"""of the files that are learnt from for each place in them: more places would be the same ones again."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Answers by what they are for.

    ``own`` and ``mix`` are learnt from, ``watch`` and ``mind`` watched meanwhile, ``judge`` and ``general``
    decide what came of it; the first of each is the workspace's, the other general code's.
    """

    own: list[Written]
    mix: list[Written]
    watch: list[Written]
    mind: list[Written]
    judge: list[Written]
    general: list[Written]

    @classmethod
    def read(cls, store: Store) -> Self:
        """All that a store has."""
        return cls(**{kind: store.written(kind) for kind in cls.__dataclass_fields__})

    @property
    def learnt(self) -> list[Written]:
        """What is learnt from."""
        return self.own + self.mix


class Stream:
    """Writes to a store, a round of all kinds after the other, and goes on where an earlier run ended."""

    def __init__(self, places: Places, writer: Writer, store: Store, own: Shares, general: Shares) -> None:
        self.writer, self.store = writer, store
        self.sources: Mapping[str, Sequence[Source]] = {
            "own": own.learn,
            "watch": own.watch,
            "judge": own.judge,
            "mix": general.learn,
            "mind": general.watch,
            "general": general.judge,
        }
        self._kept = {kind: len(store.written(kind)) for kind in self.sources}
        self._fresh: dict[str, list[Written]] = {kind: [] for kind in self.sources}
        self._prompts = {
            kind: itertools.islice(places.draw(files, kind), self._kept[kind], None)
            for kind, files in self.sources.items()
        }
        characters = sum(len(source.text) for source in own.learn)
        self.most = {**MOST, "own": characters // CHARACTERS, "mix": characters // CHARACTERS}

    def run(
        self, budget: Budget, part: float, tell: Callable[[int], None], stopped: Callable[[], bool]
    ) -> None:
        """Write until ``part`` of the budget is spent, or places run out; ``tell`` hears tokens."""
        flushed = budget.spent()
        for kind, prompt in self._places():
            if budget.left(part) <= 0 or stopped():
                break
            written = self.writer.write(prompt)
            self._fresh[kind].append(written)
            tell(len(written.answer))
            if budget.spent() - flushed > FLUSH_SECONDS:
                self.flush(budget)
                flushed = budget.spent()
        self.flush(budget)

    def flush(self, budget: Budget) -> None:
        """Put what is new on disk."""
        for kind, fresh in self._fresh.items():
            if fresh:
                self.store.append(kind, fresh)
                self._kept[kind] += len(fresh)
                self._fresh[kind] = []
        budget.charge("writing")

    def _places(self) -> Iterator[tuple[str, Tokens]]:
        """(kind, prompt) in rounds until nothing is left to learn from."""
        while self._open("own"):
            for kind in ROUND:
                if self._open(kind):
                    yield kind, next(self._prompts[kind])

    def _open(self, kind: str) -> bool:
        return self._kept[kind] + len(self._fresh[kind]) < self.most[kind]
