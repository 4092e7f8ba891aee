"""One request of the editor: where it is, and what of a ghost is worth showing there."""

import time
from dataclasses import dataclass, replace

from lsprotocol import types

from ..daemon.protocol import Complete
from .asking import Names
from .documents import Snapshot
from .ghost import Anchor, Ghost
from .place import Place, place_at, place_of_selected
from .trimming import Around, trim

ENGINE_SHARE = 0.9  # of the time left, so that an answer cut short by it still arrives


@dataclass(frozen=True, slots=True)
class Question:
    """One request of the editor: where, of which file, by hand or unasked; times in monotonic seconds."""

    document: Snapshot
    names: Names
    place: Place
    invoked: bool
    asked: float
    until: float

    @property
    def anchor(self) -> Anchor:
        """The place, for judging later versions of the document."""
        place, text = self.place, self.document.text
        tentative = text.slice(place.item_start, place.cursor) != place.typed
        return Anchor(text, place.start, place.cursor, place.prefix, place.suffix, tentative)


def place_of(document: Snapshot, params: types.InlineCompletionParams) -> Place | None:
    """Return the place a request is about; None where a selected item of a popup spans lines."""
    selected = params.context.selected_completion_info
    if selected is not None:
        return place_of_selected(document.text, selected)
    return place_at(document.text, params.position.line, params.position.character)


def timed(request: Complete, until: float) -> Complete:
    """Return the request with what is left of its time."""
    left = (until - time.monotonic()) * 1000 * ENGINE_SHARE
    return replace(request, deadline_ms=max(1.0, left))


def worth_showing(question: Question, ghost: Ghost, rest: str) -> str:
    """Return what to show of the rest of a ghost.

    The trimming rules judge a ghost as a whole at its own place, so that what is left of it does not change
    while it is typed; where the editor closed brackets behind the cursor, the rest is judged at the cursor.
    """
    place = question.place
    if not ghost.precedes(place.suffix):
        return trim(rest, around(question, place.prefix, place.suffix, ghost.indent))
    if ghost.complete:
        return rest
    typed = place.prefix[len(ghost.prefix) :]
    whole = trim(typed + rest, around(question, ghost.prefix, ghost.suffix, ghost.indent))
    return whole[len(typed) :] if whole.startswith(typed) else ""


def around(question: Question, prefix: str, suffix: str, indent: int | None) -> Around:
    """Return what the trimming rules see of a place."""
    return Around(prefix, suffix, question.document.language, question.names.path, indent)
