"""All stop rules together: fed with generated text, they say when to stop and what may be shown."""

from .block import Block
from .line import BlankLines, OneLine
from .place import Place
from .repetition import RepeatedLines, Stutter
from .suffix import LinesBelow, RestOfLine
from .written import Rule, Stop, Written


class StopRules:
    """Decides where a completion ends, from its text alone: how the text was divided makes no difference.

    Feed text as it becomes final; after a Stop feed no more. ``take`` hands out what may be shown, in pieces
    that add up to the final text; it holds back whatever a later stop could still cut. ``close`` ends a
    generation that stopped for another reason (end token, length, deadline, cancel).
    """

    def __init__(self, place: Place, *, multiline: bool) -> None:
        self._written = Written(place)
        several: list[Rule] = [LinesBelow(place), Block(place), RepeatedLines()]
        self._rules: list[Rule] = [RestOfLine(place)] if place.rest else []
        self._rules += [*(several if multiline else [OneLine()]), Stutter(), BlankLines()]
        self._on_char = self._that_have("on_char")
        self._on_line = self._that_have("on_line")
        self._settling = self._that_have("settled")
        self._keep: int | None = None
        self._taken = 0

    def _that_have(self, method: str) -> list[Rule]:
        """The rules with a ``method`` of their own: a character comes by thousands of times."""
        return [rule for rule in self._rules if getattr(type(rule), method) is not getattr(Rule, method)]

    @property
    def text(self) -> str:
        """What was generated so far, or the final text once it is known."""
        return self._written.text[: self._keep]

    def feed(self, text: str) -> Stop | None:
        """Take newly generated text; the first reason to stop in it, if there is one."""
        for char in text:
            self._written.add(char)
            stop = self._judge(char)
            if stop is not None:
                self._keep = self._without_blanks(stop.keep)
                return stop
        return None

    def _judge(self, char: str) -> Stop | None:
        newline = char == "\n"
        for rule in self._on_line if newline else self._on_char:
            stop = rule.on_line(self._written) if newline else rule.on_char(self._written)
            if stop is not None:
                return stop
        return None

    def _without_blanks(self, keep: int) -> int:
        """``keep`` less the blanks before it, which go if nothing follows on the line."""
        return keep if self._written.place.rest else len(self._written.text[:keep].rstrip())

    def close(self) -> None:
        """End a generation that no rule stopped."""
        if self._keep is None:
            keep = min(rule.on_end(self._written) for rule in self._rules)
            self._keep = self._without_blanks(keep)

    def take(self) -> str:
        """The text that may be shown now and was not taken yet; after a stop or ``close`` all the rest."""
        begin, self._taken = self._taken, max(self._taken, self._settled())
        return self._written.text[begin : self._taken]

    def _settled(self) -> int:
        """How many first characters are certain to be in the final text."""
        if self._keep is not None:
            return self._keep
        settled = min([len(self._written.text), *[rule.settled(self._written) for rule in self._settling]])
        return len(self._written.text[:settled].rstrip())
