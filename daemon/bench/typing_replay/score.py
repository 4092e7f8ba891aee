"""What suggestions would have been worth to the person who typed the text after all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion that came before the next key: after ``place`` characters of the text, ``text`` more."""

    place: int
    text: str


@dataclass(frozen=True, slots=True)
class Worth:
    """Of all offers together, in characters of the text: each counts once, however often it was offered.

    ``right``: offers whose first line is what was then typed to the end of that line of the offer.
    """

    offers: int
    offered: int
    right: int
    saved: int
    pieces: tuple[tuple[int, int], ...]


def offer_of(text: str, before: str, edited: str) -> Offer | None:
    """Return the offer that makes ``before``, what stands before the cursor, into ``edited``.

    None where what stands there is not the beginning of the final ``text`` (a slip is not mended yet), or
    where the edit would change it.
    """
    if not text.startswith(before) or not edited.startswith(before) or edited == before:
        return None
    return Offer(len(before), edited[len(before) :])


def worth_of(text: str, offers: Iterable[Offer]) -> Worth:
    """Return what ``offers`` would have saved the writer of ``text``: their beginnings that came true."""
    known = list(offers)
    pieces = _joined((offer.place, offer.place + _true_length(text, offer)) for offer in known)
    return Worth(
        offers=len(known),
        offered=sum(len(offer.text) for offer in known),
        right=sum(_first_line_is_true(text, offer) for offer in known),
        saved=sum(end - start for start, end in pieces),
        pieces=tuple(pieces),
    )


def _true_length(text: str, offer: Offer) -> int:
    """How many characters from the offer's beginning are those of the text."""
    pairs = enumerate(zip(offer.text, text[offer.place :], strict=False))
    different = next((number for number, (offered, typed) in pairs if offered != typed), None)
    return min(len(offer.text), max(0, len(text) - offer.place)) if different is None else different


def _first_line_is_true(text: str, offer: Offer) -> bool:
    line = offer.text.lstrip("\n").split("\n")[0]
    lead = len(offer.text) - len(offer.text.lstrip("\n"))
    return _true_length(text, offer) >= lead + len(line)


def _joined(pieces: Iterable[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Return half-open intervals that cover the same places and do not touch, in order."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(piece for piece in pieces if piece[0] < piece[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
