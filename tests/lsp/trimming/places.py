"""Places in code, written with a mark where the cursor is."""

from ....lsp.trimming import Around

CURSOR = "¦"


def at(code: str, language: str = "python", indent: int | None = None) -> Around:
    """The surroundings of the mark in ``code``."""
    prefix, mark, suffix = code.partition(CURSOR)
    assert mark and CURSOR not in suffix
    return Around(prefix, suffix, language, indent=indent)
