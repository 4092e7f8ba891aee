"""What a round is told before it, what is planned for it, and what it tells after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .signals import SOURCES, Source


class Offer(NamedTuple):
    """Tokens that lookup or replay proposes, the tokens that matched before them, ``signals.trait_of``."""

    source: Source
    tokens: Sequence[int]
    match: int
    trait: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the request allows.

    ``count`` forces the number of drafted tokens. ``timeless`` asks for decisions that depend on the text
    alone: sampled text depends on what was proposed, and the same seed must give the same text again.
    """

    sources: frozenset[Source] = frozenset(SOURCES)
    count: int | None = None
    timeless: bool = False

    @property
    def all(self) -> bool:
        """Whether everything is the pacer's to choose."""
        return self.free and len(self.sources) == len(SOURCES)

    @property
    def free(self) -> bool:
        """Whether the length is the pacer's to choose, with something to choose from."""
        return self.count is None and not self.timeless and bool(self.sources)


NO_DRAFTS = Rules(frozenset())
"""Those of an answer in which nothing is drafted."""


class Situation(NamedTuple):
    """Where a round stands: tokens of context, the most that may be drafted, the kind of place (an index of
    ``KINDS``), the tokens the draft model has not read but for the last, the offers at hand, and whether
    the draft model can be used.
    """

    length: int
    most: int
    kind: int
    backlog: int = 0
    offers: Sequence[Offer] = ()
    drafts: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """Who drafts (None: a plain round) and how many tokens; for the draft model, in its first call."""

    source: Source | None = None
    count: int = 0
    probe: bool = False


PLAIN = Plan()


class Start(NamedTuple):
    """A round began after ``length`` tokens, in a context of ``Acceptance``, with some offers at hand."""

    length: int
    context: int
    offers: Sequence[Offer]


class Done(NamedTuple):
    """What a round did; times in milliseconds.

    ``proposed`` are all drafted tokens, the first ``kept`` went through the target, ``emitted`` came out and
    the first ``used`` of them went into the answer. ``verify`` is None where the target pass also read the
    prompt. ``calls`` are the draft loop's calls as (steps, ms), ``fill`` the tokens of backlog read before
    them and the ms that took; ``choosing`` is the time of an answer's first offers and plan, 0 later, when it
    is part of ``verify``.
    """

    proposed: Sequence[int]
    kept: int
    accepted: int
    emitted: Sequence[int]
    used: int
    verify: float | None
    calls: Sequence[tuple[int, float]] = ()
    fill: tuple[int, float] = (0, 0.0)
    choosing: float = 0.0

    @property
    def drafting(self) -> float:
        """Milliseconds of the draft model."""
        return sum([ms for _, ms in self.calls]) + self.fill[1]
