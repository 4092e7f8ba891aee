"""Which windows go with a request, and in which order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .windows import Window, similarity

MOST_CHUNKS = 12
LEAST_SCORE = 0.05
SAME = 0.6
"""A window with this share of its lines in the code around the cursor, or in a better window, is left out."""
STAYS = 0.6
"""A window chosen before stays while it has this share of the score of the last one that would be chosen."""
IMPORTED, DEFINED, EDITED = 0.12, 0.06, 0.1
MOST_DEFINED = 4


@dataclass(frozen=True, slots=True)
class Cursor:
    """The code around the cursor: the identifiers near it, and the lines the model sees anyway."""

    words: frozenset[str]
    lines: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A window that may be chosen. ``imported`` are the names taken from its file, None if none are.

    ``recency`` is 1 for what was edited last, falling to 0.
    """

    window: Window
    imported: frozenset[str] | None = None
    recency: float = 0.0

    def score(self, cursor: Cursor) -> float:
        """Return how much it promises: shared identifiers, imported definitions, a recent edit."""
        score = similarity(self.window.words, cursor.words) + EDITED * self.recency
        if self.imported is not None:
            wanted = self.window.defines & (self.imported | cursor.words)
            score += IMPORTED * bool(self.window.defines & self.imported)
            score += DEFINED * min(MOST_DEFINED, len(wanted))
        return score


def choose(
    candidates: Iterable[Candidate],
    cursor: Cursor,
    before: Sequence[Window],
    budget: int,
    allowed: Callable[[Path], bool],
) -> tuple[Window, ...]:
    """Return the windows that promise most, within ``budget`` characters, those of ``before`` in their order.

    Windows new to the choice come after those that stay, the best first.
    """
    scored = [(candidate.score(cursor), candidate.window) for candidate in candidates]
    ranked = sorted((entry for entry in scored if entry[0] >= LEAST_SCORE), key=lambda entry: -entry[0])
    best = _pick([window for _, window in ranked], cursor, budget, allowed)
    if not best:
        return ()
    scores = {(window.path, window.line): score for score, window in reversed(ranked)}
    least = STAYS * min(scores[window.path, window.line] for window in best)
    now = [window for _, window in ranked]
    staying = [_as_it_is_now(old, now) for old in before]
    kept = [window for window in staying if window and scores[window.path, window.line] >= least]
    return _pick([*kept, *best], cursor, budget, allowed)


def _as_it_is_now(old: Window, now: Sequence[Window]) -> Window | None:
    """The window of today that has most of an old one, with the old text where that still is all there."""
    found = next((window for window in now if window.overlaps(old)), None)
    return old if found is not None and found.line == old.line and found.text == old.text else found


def _pick(
    windows: Sequence[Window], cursor: Cursor, budget: int, allowed: Callable[[Path], bool]
) -> tuple[Window, ...]:
    """The first windows that fit, without those that say again what others or the file itself say."""
    picked: list[Window] = []
    for window in windows:
        if len(picked) == MOST_CHUNKS:
            break
        if len(window.text) > budget or _is_known(window, cursor, picked) or not allowed(window.path):
            continue
        picked.append(window)
        budget -= len(window.text)
    return tuple(picked)


def _is_known(window: Window, cursor: Cursor, picked: Sequence[Window]) -> bool:
    if any(window.overlaps(other) for other in picked):
        return True
    return any(_share(window.lines, lines) >= SAME for lines in (cursor.lines, *(w.lines for w in picked)))


def _share(lines: frozenset[str], others: frozenset[str]) -> float:
    return len(lines & others) / len(lines) if lines else 1.0
