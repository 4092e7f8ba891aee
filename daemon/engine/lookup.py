"""The lookup drafter: what followed the longest earlier match of the last tokens.

Prompt lookup (Saxena 2023) as suffix matching: the longest match wins, and the latest of equally long ones.
"""

from collections.abc import Sequence

from .drafting import NOTHING, Cancelled, Proposal
from .matching import History
from .pacer.round import Offer
from .pacer.signals import trait_of


class Lookup:
    """Proposes the continuation of the longest suffix match within a history of tokens.

    ``history`` is the text to search, its end the text before the cursor; the tokens generated after the
    ``prompt`` tokens of a slot continue it. ``least`` is the shortest match worth a proposal.
    """

    def __init__(self, history: Sequence[int], prompt: int, least: int) -> None:
        self._begin = len(history)
        self._prompt = prompt
        self._least = least
        self._history = History(history)

    def propose(self, tokens: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:  # noqa: ARG002
        """At most ``k`` tokens that followed the longest match of the end of the history."""
        offer = self.offer(tokens, k)
        return NOTHING if offer is None else Proposal(list(offer.tokens), "lookup")

    def offer(self, tokens: Sequence[int], k: int) -> Offer | None:
        """The same with what the pacer wants to know of the match; None where nothing follows."""
        self._history.append(tokens[self._prompt + self._history.length - self._begin :])
        match = self._history.match()
        if match.length < self._least:
            return None
        found = self._history.following(match.start, k)
        trait = trait_of(match.support, own=match.start > self._begin)
        return Offer("lookup", found, match.length, trait) if found else None
