"""What the chance of acceptance is read from: who drafted, how sure it was, and where the token stands."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

Source = Literal["draft", "lookup", "replay"]
"""The drafters that propose tokens."""

SOURCES: tuple[Source, ...] = ("draft", "lookup", "replay")

CONFIDENCE_EDGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94, 0.97, 0.99)
MATCH_EDGES = (2, 3, 4, 5, 6, 8, 11, 16, 24)
BINS = len(CONFIDENCE_EDGES) + 1
PLACES = 4
"""Groups of positions in a draft: the first, the second, the next two, the rest."""

KINDS = ("start", "code", "bracket", "comment", "string", "dot")
"""Where a token stands: line start, code, inside brackets, comment, string, after a dot."""

ALONE, AGREES, DIFFERS = 0, 1, 2
"""Whether lookup proposes the draft model's token too: it has no proposal, the same one, another one."""
SUPPORT_EDGES = (0.25, 0.75)
TRAITS = 2 * (len(SUPPORT_EDGES) + 1)
NEW, MISSED, HIT = 0, 1, 2
"""The drafter's last proposal in this answer: there was none; its first token was wrong; it was right."""
FATES = 3
EXTRAS = TRAITS * FATES
"""Values of what is known beside the signal: agreement for the draft model; a trait and a fate for others."""


def confidence_bin(probability: float) -> int:
    """The bin of a draft token's own probability."""
    return bisect_right(CONFIDENCE_EDGES, probability)


def match_bin(length: int) -> int:
    """The bin of the number of tokens that matched before a proposed one."""
    return bisect_right(MATCH_EDGES, length)


def agreement(offered: Sequence[int], position: int, token: int, *, agreed: bool) -> int:
    """Whether lookup agrees with the draft model's ``token`` at ``position``; ``agreed``: with all before."""
    if position >= len(offered) or not agreed:
        return ALONE
    return AGREES if offered[position] == token else DIFFERS


def trait_of(support: float, *, own: bool) -> int:
    """How well a match is borne out: the part of places after the same token that go on as it does, and
    whether it lies in the answer itself.
    """
    return bisect_right(SUPPORT_EDGES, support) + (len(SUPPORT_EDGES) + 1) * own


def place_of(position: int) -> int:
    """The group of the ``position``-th drafted token of a round, the first being 0."""
    return position if position < 2 else 2 if position < 4 else 3


def bins_of(source: Source) -> int:
    """How many bins the signal of ``source`` has."""
    return BINS if source == "draft" else len(MATCH_EDGES) + 1
