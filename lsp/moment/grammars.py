"""Grammars by language id, each loaded when the first document in its language opens."""

from functools import cache
from importlib import import_module

from tree_sitter import Language

_MODULES = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "javascriptreact": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "java": ("tree_sitter_java", "language"),
}


def has_grammar(language: str) -> bool:
    """Tell whether there is a grammar for an editor's language id."""
    return language in _MODULES


@cache
def grammar(language: str) -> Language:
    """Return the grammar for a language id that has one. Takes some 10 ms the first time, and 1 to 3 MB."""
    module, function = _MODULES[language]
    return Language(getattr(import_module(module), function)())
