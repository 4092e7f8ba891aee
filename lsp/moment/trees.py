"""Parse trees of the open documents, brought up to date when they are asked for.

The first parse of a document, and that of one that changed a lot, happens in the background; from then on
only what changed is parsed anew. Files over ``LARGEST`` have no tree.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tree_sitter import Node, Parser, Point, Tree

from ..background import Run
from ..difference import Difference, difference
from ..documents import Snapshot
from ..text import Text
from .grammars import grammar, has_grammar

LARGEST = 500_000  # characters
MOST_AT_ONCE = 20_000  # characters that may be new for parsing on the event loop
PIECE = 4096  # bytes; between two of them other threads may run


@dataclass(slots=True)
class Parsed:
    """A document's tree, and the text and bytes (UTF-8) it was made of."""

    parser: Parser
    tree: Tree
    text: Text
    source: bytes

    def byte(self, offset: int) -> int:
        """Return the place in ``source`` of a character's offset."""
        if len(self.source) == len(self.text):
            return offset
        return len(self.text.slice(0, offset).encode())

    def character(self, byte: int) -> int:
        """Return the offset of the character at a place in ``source``."""
        if len(self.source) == len(self.text):
            return byte
        return len(self.source[:byte].decode(errors="ignore"))

    def update(self, text: Text, made: Difference) -> None:
        """Bring the tree to ``text``, which ``made`` tells from the one it is of."""
        start = self.byte(made.start)
        old_end, new_end = start + len(made.removed.encode()), start + len(made.inserted.encode())
        source = str(text).encode()
        self.tree.edit(
            start,
            old_end,
            new_end,
            _point(self.source, start),
            _point(self.source, old_end),
            _point(source, new_end),
        )
        self.tree = self.parser.parse(source, self.tree)
        self.text, self.source = text, source


class Trees:
    """Trees by URI. ``run`` has a job done in the background."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._parsed: dict[str, Parsed] = {}
        self._wanted: dict[str, Snapshot] = {}

    def of(self, document: Snapshot) -> Parsed | None:
        """Return the document's tree; None where it has no grammar, is too large, or is not ready yet."""
        if not has_grammar(document.language) or len(document.text) > LARGEST:
            return None
        parsed = self._parsed.get(document.uri)
        made = difference(parsed.text, document.text) if parsed else None
        if parsed is None or (made and len(made.inserted) + len(made.removed) > MOST_AT_ONCE):
            self._order(document)
            return None
        if made:
            parsed.update(document.text, made)
        return parsed

    def closed(self, uri: str) -> None:
        """Forget a document."""
        self._parsed.pop(uri, None)
        self._wanted.pop(uri, None)

    def _order(self, document: Snapshot) -> None:
        waiting = document.uri in self._wanted
        self._wanted[document.uri] = document
        if not waiting:
            self._run(lambda: self._parse(document.uri))

    def _parse(self, uri: str) -> None:
        """Parse the version that was last asked for, unless the document was closed meanwhile.

        One that was opened anew meanwhile, in another language, is for the next job.
        """
        document = self._wanted.get(uri)
        if document is None:
            return
        parser = Parser(grammar(document.language))
        source = str(document.text).encode()
        tree = parser.parse(_reader(source))
        now = self._wanted.get(uri)
        same = now is not None and now.language == document.language
        if same and self._wanted.pop(uri, None) is not None:
            self._parsed[uri] = Parsed(parser, tree, document.text, source)


def _reader(source: bytes) -> Callable[[int, Point], bytes]:
    return lambda byte, _: source[byte : byte + PIECE]


def _point(source: bytes, byte: int) -> Point:
    return Point(source.count(b"\n", 0, byte), byte - source.rfind(b"\n", 0, byte) - 1)


def leaf_before(parsed: Parsed, byte: int) -> Node | None:
    """Return the innermost node that holds what stands before ``byte``, a place in its source."""
    return parsed.tree.root_node.descendant_for_byte_range(byte - 1, byte) if byte else None
