"""The kind of place the next token stands at, followed along while text is written."""

from ..stops.lexer import BRACKETS, Lexer
from ..stops.place import Place
from .signals import KINDS

MOST_NAME = 16

START, CODE, BRACKET, COMMENT, STRING, DOT = range(len(KINDS))


def language_of(language: str, path: str) -> str:
    """A name for the language of a file: its extension, or what the editor calls it."""
    _, dot, extension = path.rpartition("/")[2].rpartition(".")
    return (extension if dot and extension else language).lower()[:MOST_NAME]


class Position:
    """Begins at a cursor and reads what is generated there."""

    def __init__(self, place: Place) -> None:
        self._comment = place.syntax.comment
        self._lexer = Lexer(place.syntax, place.open)
        self._blank = place.blank
        self._last = place.line[-1:]

    def feed(self, text: str) -> None:
        """Read generated text."""
        if not text:
            return
        self._lexer.read(text)
        end = text.rfind("\n") + 1
        if end or self._blank:
            self._blank = end == len(text) or text[end:].isspace()
        self._last = text[-1]

    @property
    def kind(self) -> int:
        """An index of ``KINDS``."""
        top = self._lexer.stack[-1] if self._lexer.stack else ""
        if top and top not in BRACKETS:
            return COMMENT if top in (self._comment, "/*") else STRING
        if self._blank:
            return START
        if self._last == ".":
            return DOT
        return BRACKET if top else CODE
