"""One line or a block, and where the block around the cursor begins and ends.

A block is suggested where one is evidently wanted: on an empty line that no further statement of the block
follows at once, and after what opens a block that has no body yet. Everywhere else a line is.
"""

from dataclasses import dataclass

from ..background import Run
from ..documents import Snapshot
from ..languages import Language, language_of
from .layout import Scope, Surroundings
from .syntax import Facts, facts_by_scanning, facts_by_tree
from .trees import Trees

__all__ = ["Scope", "Shape", "Structure"]

_DOCUMENTATION = ('"""', "'''", 'r"""', "/**", "/*")
_BLOCK_WORDS = frozenset({"do", "then", "begin", "else"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What a completion should be: ``multiline`` or one line, within ``scope`` (None: the whole file).

    ``quoted`` tells that the cursor is in a string or a comment.
    """

    multiline: bool
    scope: Scope | None
    quoted: bool = False


class Structure:
    """Knows the shape of the open documents. ``run`` has slow work done in the background."""

    def __init__(self, run: Run) -> None:
        self._trees = Trees(run)

    def opened(self, document: Snapshot) -> None:
        """Get ready for a document: its grammar is loaded and its text parsed in the background."""
        self._trees.of(document)

    def closed(self, uri: str) -> None:
        """Forget a document."""
        self._trees.closed(uri)

    def shape(self, document: Snapshot, offset: int) -> Shape:
        """Return what a completion at ``offset`` should be.

        Until the tree is ready, and in languages without a grammar, indentation and brackets decide.
        """
        language = language_of(document.language, document.uri)
        around = Surroundings.of(document.text, offset)
        parsed = self._trees.of(document)
        if parsed is None:
            facts = facts_by_scanning(around, language)
        else:
            facts = facts_by_tree(parsed, around, language)
        return Shape(_is_block_wanted(around, facts, language), facts.scope, facts.quoted)


def _is_block_wanted(around: Surroundings, facts: Facts, language: Language) -> bool:
    if around.rest.strip():
        return False
    line = around.line.strip()
    if facts.quoted:
        return line in _DOCUMENTATION
    if not line:
        return not around.goes_on_below
    opens = facts.opens_block or (bool(language.words) and line.split()[-1] in _BLOCK_WORDS)
    return opens and not around.has_body_below
