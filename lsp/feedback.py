"""What became of the items given out, told to the daemon in numbers, which counts.

A suggestion is given out as an item at each place on its way and counts once. It is *shown* when the editor
says so (``textDocument/didShowCompletion``), or when given out where the editor never does; *accepted* by the
item's command, *partly* by ``textDocument/didPartiallyAcceptCompletion``; *dismissed* when the text or the
cursor goes another way, or by ``textDocument/didDismissCompletion``. Half a minute after an acceptance it is
looked up how much of it is still there. Names and shapes, but the third, are those that
copilot-language-server made common.
"""

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from ..daemon.protocol import Feedback, Supply
from .documents import Documents
from .ghost import Anchor, Ghost
from .marks import LARGEST, Mark, find, kept
from .question import Question
from .text import ENCODINGS

ACCEPT = "paceline.didAccept"
REMEMBERED = 128
AROUND = 4000  # characters on each side that are remembered of a place
RETAINED_AFTER = 30.0  # seconds
_UTF16 = ENCODINGS["utf-16"]


@dataclass(slots=True, eq=False)
class _Suggestion:
    """What is known of a suggestion; ``settled`` when it cannot be dismissed any more."""

    shown: bool = False
    taken: bool = False
    settled: bool = False


@dataclass(slots=True)
class Given:
    """An item: its document and what stands around it, the offset where the item starts, what it repeats of
    the text, what is new in it, and how much of that was taken in parts.
    """

    suggestion: _Suggestion
    uri: str
    prefix: str
    suffix: str
    start: int
    typed: str
    text: str
    taken: int = 0


@dataclass(slots=True)
class _Standing:
    """The suggestions last given for a document, each by its ghost, and where."""

    anchor: Anchor
    suggestions: dict[Ghost, _Suggestion]


class Ledger:
    """Makes items, each with a number of its own, and passes on what becomes of them."""

    def __init__(self, tell: Callable[[Feedback], None], documents: Callable[[], Documents]) -> None:
        self._tell = tell
        self._documents = documents
        self._given: OrderedDict[str, Given] = OrderedDict()
        self._numbers = itertools.count(1)
        self._standing: dict[str, _Standing] = {}
        self._marks: dict[str, list[Mark]] = {}
        self._editor_tells = False

    def moved(self, question: Question) -> None:
        """The cursor is somewhere: what is not on its way there was dismissed."""
        place, standing = question.place, self._standing.get(question.document.uri)
        if standing is not None:
            self._end(standing.suggestions, lambda ghost: not ghost.rest(place.prefix, place.suffix))

    def items(
        self, question: Question, chosen: Sequence[tuple[Ghost, str]]
    ) -> list[types.InlineCompletionItem]:
        """Return an item for each text, which is the rest of its ghost at the place."""
        before = self._standing.get(question.document.uri)
        standing = dict(before.suggestions) if before is not None else {}
        for ghost, _ in chosen:
            standing.setdefault(ghost, _Suggestion())
        self._standing[question.document.uri] = _Standing(question.anchor, standing)
        if chosen and not self._editor_tells:
            self._show(standing[chosen[0][0]], chosen[0][1])
        return [self._item(standing[ghost], question, text) for ghost, text in chosen]

    def answered(self, source: Supply, seconds: float, waited: float, tokens: int) -> None:
        """The editor got an answer with text so long after it asked, having been kept waiting so long."""
        self._tell(
            Feedback("answered", source=source, ms=seconds * 1000, waited=waited * 1000, tokens=tokens)
        )

    def changed(self, uri: str) -> None:
        """A document was changed: what it has passed by was dismissed."""
        document, standing = self._documents().get(uri), self._standing.get(uri)
        if document is None:
            return
        for mark in self._marks.get(uri, ()):
            mark.move(document.text)
        if standing is not None:
            now, anchor = document.text, standing.anchor
            typed = anchor.typed_since(now)
            for ghost, suggestion in standing.suggestions.items():
                at = anchor.prefix + (typed or "")
                suggestion.settled |= (
                    typed is not None and ghost.complete and ghost.rest(at, ghost.suffix) == ""
                )
            self._end(standing.suggestions, lambda ghost: anchor.is_passed_by(_from(ghost, anchor), now))

    def closed(self, uri: str) -> None:
        """A document was closed: what stood in it was dismissed, and nothing in it is looked up later."""
        standing = self._standing.pop(uri, None)
        self._marks.pop(uri, None)
        if standing is not None:
            self._end(standing.suggestions, lambda _: True)

    def accepted(self, number: Any) -> bool:
        """An item went into the text; False where there is no such item or it was counted before."""
        given = self._given.pop(number, None) if isinstance(number, str) else None
        if given is None:
            return False
        self._take("accepted", given, given.taken, len(given.text))
        return True

    def shown(self, item: Any) -> None:
        """An item came to be seen; its suggestion is counted once."""
        self._editor_tells = True
        given = self._of(item)
        if given is not None:
            self._show(given.suggestion, given.text)

    def partly_accepted(self, item: Any, accepted_length: Any) -> None:
        """The first ``accepted_length`` UTF-16 units of an item's whole text are in the document by now."""
        given = self._of(item)
        if given is None or type(accepted_length) is not int or accepted_length < 0:
            return
        taken = _UTF16.index(given.typed + given.text, accepted_length) - len(given.typed)
        if taken > given.taken:
            self._take("partly_accepted", given, given.taken, taken)
            given.taken = taken

    def dismissed(self, item: Any) -> Given | None:
        """The user does not want an item; returned where there is such an item."""
        given = self._of(item)
        if given is not None:
            self._dismiss(given.suggestion)
        return given

    def _item(self, suggestion: _Suggestion, question: Question, text: str) -> types.InlineCompletionItem:
        place, number = question.place, str(next(self._numbers))
        around = place.prefix[-AROUND:], place.suffix[:AROUND]
        uri = question.document.uri
        self._given[number] = Given(suggestion, uri, *around, place.item_start, place.typed, text)
        if len(self._given) > REMEMBERED:
            self._given.popitem(last=False)
        whole = place.typed + text
        command = types.Command(title="Tell paceline", command=ACCEPT, arguments=[number])
        return types.InlineCompletionItem(
            insert_text=whole, filter_text=whole, range=place.range, command=command
        )

    def _show(self, suggestion: _Suggestion, text: str) -> None:
        if not suggestion.shown:
            suggestion.shown = True
            self._tell(Feedback("shown", len(text)))

    def _take(self, action: Any, given: Given, start: int, end: int) -> None:
        """Count characters ``start`` to ``end`` of an item's text as accepted, and look them up later."""
        suggestion = given.suggestion
        self._show(suggestion, given.text)
        self._tell(Feedback(action, max(0, end - start), again=suggestion.taken))
        suggestion.taken = suggestion.settled = True
        document = self._documents().get(given.uri)
        mark = find(document.text, given.start, given.typed + given.text[:end]) if document else None
        if mark is not None and end > start:
            self._follow(given.uri, mark, given.text[start:end])

    def _follow(self, uri: str, mark: Mark, text: str) -> None:
        marks = self._marks.setdefault(uri, [])
        marks.append(mark)

        def look() -> None:
            if mark in self._marks.get(uri, ()):
                self._marks[uri].remove(mark)
                self._tell(Feedback("retained", kept(text, mark.text), of=min(len(text), LARGEST)))

        asyncio.get_running_loop().call_later(RETAINED_AFTER, look)

    def _end(self, suggestions: dict[Ghost, _Suggestion], is_over: Callable[[Ghost], bool]) -> None:
        for ghost in [ghost for ghost in suggestions if is_over(ghost)]:
            self._dismiss(suggestions.pop(ghost))

    def _dismiss(self, suggestion: _Suggestion) -> None:
        if suggestion.shown and not suggestion.settled:
            suggestion.settled = True
            self._tell(Feedback("dismissed"))

    def _of(self, item: Any) -> Given | None:
        """Return what an item, as the client sends it back, was made from."""
        command = item.get("command") if isinstance(item, dict) else None
        arguments = command.get("arguments") if isinstance(command, dict) else None
        number = arguments[0] if isinstance(arguments, list) and arguments else None
        return self._given.get(number) if isinstance(number, str) else None


def _from(ghost: Ghost, anchor: Anchor) -> Ghost:
    """Return a ghost as it is seen from a place on its way."""
    rest = ghost.rest(anchor.prefix, anchor.suffix)
    return Ghost(anchor.prefix, anchor.suffix, rest or "", ghost.complete)
