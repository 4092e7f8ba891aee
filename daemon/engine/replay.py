"""The replay drafter: proposes again what was suggested or stood at this place a moment ago.

Two kinds of text are worth replaying on token ids. The last suggestion of a document, after the user typed
along with it, typed something else, or deleted something; and the text the user just removed, which is often
written again, there or elsewhere. A replay keeps a finger on its text: while what is emitted follows it, the
finger moves along; where it does not, the replay looks for the last tokens again a little further on.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from .slots import common_prefix

DOCUMENTS = 16
"""Documents remembered; the least recently completed is forgotten first."""
ANCHOR = 8
"""Tokens after a removal that must be found again in the old text."""
MOST_REMOVED = 512
LEAST_REMOVED = 2
SINGLE, PAIR = 1, 2
"""Tokens that must match for the finger to be set anew: near where it was, and anywhere."""
NEAR = 8


@dataclass(frozen=True, slots=True)
class Text:
    """The tokens of a document around a cursor."""

    before: Sequence[int]
    after: Sequence[int]


@dataclass(frozen=True, slots=True)
class Source:
    """Tokens to replay; ``at`` is where they go on at the cursor, None where that must be found."""

    tokens: tuple[int, ...]
    at: int | None


class Replay:
    """Follows one source while an answer is written.

    ``context`` are tokens before the cursor, of which the last ones help to find the place.
    """

    def __init__(self, source: Source, context: Sequence[int] = ()) -> None:
        self._tokens = source.tokens
        self._recent = list(context[-PAIR:])
        self._at = source.at
        self._matched = 0 if source.at is None else PAIR
        if self._at is None:
            self._find()

    @property
    def matched(self) -> int:
        """Tokens in a row that followed the source up to here."""
        return self._matched

    def following(self, count: int) -> list[int]:
        """At most ``count`` tokens that would come next, none where the place is lost."""
        return [] if self._at is None else list(self._tokens[self._at : self._at + count])

    def follow(self, emitted: Sequence[int]) -> None:
        """Take what was written."""
        for token in emitted:
            self._recent = [*self._recent[1 - PAIR :], token]
            if self._at is not None and self._at < len(self._tokens) and self._tokens[self._at] == token:
                self._at += 1
                self._matched += 1
            else:
                self._find()

    def _find(self) -> None:
        """Set the finger after the last tokens: near where it was if one token matches, else two anywhere."""
        near = self._search(SINGLE, range(self._at, self._at + NEAR)) if self._at is not None else None
        self._at = near if near is not None else self._search(PAIR, range(len(self._tokens)))
        self._matched = 0 if self._at is None else SINGLE if near is not None else PAIR

    def _search(self, count: int, ends: range) -> int | None:
        wanted = tuple(self._recent[-count:])
        if len(wanted) < count:
            return None
        end = max(ends.start, count - 1) - 1
        while True:
            try:
                end = self._tokens.index(wanted[-1], end + 1, ends.stop)
            except ValueError:
                return None
            if self._tokens[end - count + 1 : end + 1] == wanted:
                return end + 1


@dataclass(slots=True)
class _Document:
    text: Text
    suggestion: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()


class Memory:
    """The last request of each document and what was suggested to it."""

    def __init__(self) -> None:
        self._documents: OrderedDict[str, _Document] = OrderedDict()

    def recall(self, name: str, text: Text) -> list[Source]:
        """What is worth replaying at this cursor, the likeliest first; remembers the text for next time."""
        known = self._documents.pop(name, None)
        document = self._documents[name] = _Document(text)
        while len(self._documents) > DOCUMENTS:
            self._documents.popitem(last=False)
        if known is None:
            return []
        document.suggestion = known.suggestion
        document.removed = removed(known.text, text) or known.removed
        sources = [_again(known, text), _restored(document.removed, known.text, text)]
        return [source for source in sources if source is not None]

    def suggested(self, name: str, tokens: Sequence[int]) -> None:
        """What the request recalled last under ``name`` was answered with."""
        if name in self._documents:
            self._documents[name].suggestion = tuple(tokens)


def removed(old: Text, new: Text) -> tuple[int, ...]:
    """The tokens that stood in ``old`` where ``new`` goes on without them; empty if none were taken out."""
    before, after = [*old.before, *old.after], [*new.before, *new.after]
    same = common_prefix(before, after)
    anchor = after[same : same + ANCHOR]
    if len(anchor) < ANCHOR:
        return ()
    found, last = same + LEAST_REMOVED - 1, same + MOST_REMOVED
    while anchor[0] in before[found + 1 : last + 1]:
        found = before.index(anchor[0], found + 1)
        if before[found : found + ANCHOR] == anchor:
            return tuple(before[same:found])
    return ()


def _again(known: _Document, text: Text) -> Source | None:
    """The last suggestion from where the cursor stands now."""
    same = common_prefix(known.text.before, text.before)
    taken, typed = list(known.text.before[same:]), list(text.before[same:])
    tokens = (*taken, *known.suggestion)
    if not tokens or (len(typed) > NEAR and not known.suggestion):
        return None
    along = common_prefix(tokens, typed)
    if along == len(typed):
        return Source(tokens, along)
    return Source(tokens, None)


def _restored(gone: tuple[int, ...], old: Text, new: Text) -> Source | None:
    """Removed text: from its start where the cursor stands at the place it was taken from."""
    if not gone:
        return None
    place = common_prefix([*old.before, *old.after], [*new.before, *new.after])
    return Source(gone, 0 if place == len(new.before) else None)
