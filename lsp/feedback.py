"""What became of the items given out: shown, accepted, partly accepted, told to the daemon, which counts.

Names and shapes of the notifications are those that copilot-language-server made common.
"""

import itertools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from ..daemon.protocol import Feedback
from .place import Place
from .text import ENCODINGS

ACCEPT = "paceline.didAccept"
REMEMBERED = 512
_UTF16 = ENCODINGS["utf-16"]


@dataclass(slots=True)
class _Given:
    """An item: what was typed of it already, the new text, and how much of that was taken in parts."""

    typed: str
    text: str
    shown: bool = False
    taken: int = 0


class Ledger:
    """Makes items, each with a number of its own, and passes on what the editor tells of them."""

    def __init__(self, tell: Callable[[Feedback], None]) -> None:
        self._tell = tell
        self._given: OrderedDict[str, _Given] = OrderedDict()
        self._numbers = itertools.count(1)

    def item(self, place: Place, text: str) -> types.InlineCompletionItem:
        """Return the item that adds ``text`` at ``place``."""
        number = str(next(self._numbers))
        self._given[number] = _Given(place.typed, text)
        if len(self._given) > REMEMBERED:
            self._given.popitem(last=False)
        whole = place.typed + text
        command = types.Command(title="Tell paceline", command=ACCEPT, arguments=[number])
        return types.InlineCompletionItem(
            insert_text=whole, filter_text=whole, range=place.range, command=command
        )

    def accepted(self, number: Any) -> bool:
        """An item went into the text; False where there is no such item or it was counted before."""
        given = self._given.pop(number, None) if isinstance(number, str) else None
        if given is None:
            return False
        self._tell(Feedback("accepted", max(0, len(given.text) - given.taken)))
        return True

    def shown(self, item: Any) -> None:
        """An item came to be seen; counted once."""
        given = self._of(item)
        if given is not None and not given.shown:
            given.shown = True
            self._tell(Feedback("shown", len(given.text)))

    def partly_accepted(self, item: Any, accepted_length: Any) -> None:
        """The first ``accepted_length`` UTF-16 units of an item's whole text are in the document by now."""
        given = self._of(item)
        if given is None or type(accepted_length) is not int or accepted_length < 0:
            return
        taken = _UTF16.index(given.typed + given.text, accepted_length) - len(given.typed)
        if taken > given.taken:
            self._tell(Feedback("partly_accepted", taken - given.taken))
            given.taken = taken

    def _of(self, item: Any) -> _Given | None:
        """Return what an item, as the client sends it back, was made from."""
        command = item.get("command") if isinstance(item, dict) else None
        arguments = command.get("arguments") if isinstance(command, dict) else None
        number = arguments[0] if isinstance(arguments, list) and arguments else None
        return self._given.get(number) if isinstance(number, str) else None
