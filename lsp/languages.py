"""What differs between languages as far as the rules of this room care: comments, strings, blocks."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_FIRST_WORD = re.compile(r"\s*(\w*)")


@dataclass(frozen=True, slots=True)
class Language:
    """How a language marks comments, strings and blocks.

    ``quotes`` may not span lines, ``long_quotes`` may; in ``raw`` ones a backslash is nothing special;
    ``characters`` says that ``'`` holds one character only. ``indented`` languages have blocks by
    indentation, after a line that ends in ``:`` and begins with one of ``openers``, if there are any.
    ``words`` alone on a line close a block. With ``patterns`` there are regular expressions between slashes.
    """

    comments: tuple[str, ...] = ("//",)
    long_comment: tuple[str, str] | None = ("/*", "*/")
    quotes: tuple[str, ...] = ('"', "'")
    long_quotes: tuple[str, ...] = ()
    raw: tuple[str, ...] = ()
    characters: bool = False
    indented: bool = False
    openers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    patterns: bool = False

    def opens_block(self, line: str) -> bool:
        """Tell whether a line of code, up to its end, opens a block."""
        if not self.indented:
            return line.rstrip().endswith("{")
        word = _FIRST_WORD.match(line)
        known = not self.openers or (word is not None and word[1] in self.openers)
        return known and line.rstrip().endswith(":")


C_LIKE = Language()
_CHARACTERS = Language(characters=True)
_PYTHON_OPENERS = "async case class def elif else except finally for if match try while with"
_PYTHON = Language(
    ("#",),
    None,
    long_quotes=('"""', "'''"),
    indented=True,
    openers=frozenset(_PYTHON_OPENERS.split()),
)
_SCRIPT = Language(("//",), long_quotes=("`",), patterns=True)
_HASH = Language(("#",), None)
_ENDED = Language(("#",), None, words=frozenset({"end"}))
_SHELL = Language(("#",), None, (), ('"', "'"), raw=("'",), words=frozenset({"fi", "done", "esac", ";;"}))
_DASHES = Language(("--",), None)

_KINDS: dict[Language, str] = {
    _CHARACTERS: "c cpp objective-c csharp java kotlin scala rust rs swift dart zig h hpp cc cs kt",
    Language(long_quotes=("`",), raw=("`",), characters=True): "go",
    _PYTHON: "python py pyi pyx starlark bzl",
    Language(("#",), None, indented=True): "yaml yml nim",
    _SCRIPT: "javascript javascriptreact typescript typescriptreact js jsx mjs cjs ts tsx vue svelte php",
    _ENDED: "ruby rb elixir ex exs julia jl",
    Language(("--",), ("--[[", "]]"), words=frozenset({"end", "end,", "end)"})): "lua",
    _SHELL: "shellscript sh bash zsh fish",
    _DASHES: "sql haskell hs ada elm",
    _HASH: "toml r perl pl dockerfile makefile cmake terraform tf",
    Language(("%",), None, ()): "latex tex",
    Language((), ("<!--", "-->"), ()): "markdown md html xml plaintext txt",
}
_BY_NAME = {name: language for language, names in _KINDS.items() for name in names.split()}


def language_of(name: str, path: str = "") -> Language:
    """Return the language of an editor's name for it, else of a path's extension; C-like where unknown."""
    extension = PurePosixPath(path).suffix.lstrip(".").lower()
    return _BY_NAME.get(name.lower()) or _BY_NAME.get(extension) or C_LIKE


def width_of(space: str, tab: int = 8) -> int:
    """Return how many columns the leading blanks of ``space`` fill, tabs to multiples of ``tab``."""
    return len(space[: len(space) - len(space.lstrip(" \t"))].expandtabs(tab))
