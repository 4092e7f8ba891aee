"""Open brackets, strings and comments of a text, well enough to tell code from quoted text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

OPENERS = {")": "(", "]": "[", "}": "{"}
CLOSERS = frozenset(")]}")
BRACKETS = frozenset("([{")

_SPECIAL = re.compile(r"[()\[\]{}\"'`#/*\-\\\n]")


@dataclass(frozen=True, slots=True)
class Syntax:
    """What differs between languages: line comments, blocks by indentation, words that close a block."""

    comment: str = "//"
    indented: bool = False
    words: frozenset[str] = frozenset()


_PYTHON = Syntax("#", indented=True)
_C_LIKE = Syntax()
_BY_NAME = {
    **dict.fromkeys(("python", "py", "pyi", "pyx", "yaml", "yml", "nim"), _PYTHON),
    **dict.fromkeys(
        ("ruby", "rb", "elixir", "ex", "exs", "julia", "jl"), Syntax("#", words=frozenset({"end"}))
    ),
    "lua": Syntax("--", words=frozenset({"end", "end,", "end)"})),
    **dict.fromkeys(
        ("shellscript", "sh", "bash", "zsh"), Syntax("#", words=frozenset({"fi", "done", "esac", ";;"}))
    ),
    **dict.fromkeys(("sql", "haskell", "hs"), Syntax("--")),
    **dict.fromkeys(("toml", "r", "perl", "pl", "dockerfile", "makefile"), Syntax("#")),
}


def syntax_of(language: str, path: str) -> Syntax:
    """The syntax of an editor's language name, or else of the path's extension; C-like where unknown."""
    extension = path.rsplit(".", 1)[-1].lower()
    return _BY_NAME.get(language.lower()) or _BY_NAME.get(extension) or _C_LIKE


class Lexer:
    """Follows a text character by character; ``stack`` holds what is open: brackets, quotes, a comment.

    ``depth`` is the length of the stack, less the closers that closed nothing: it falls below its first value
    when the text closes what was open before it.
    """

    def __init__(self, syntax: Syntax, stack: Iterable[str] = ()) -> None:
        self.stack = list(stack)
        self.unmatched = 0
        self._syntax = syntax
        self._last = ""
        self._run = 0
        self._escaped = False
        self._empty_string = ""

    @property
    def depth(self) -> int:
        """Open things less unmatched closers."""
        return len(self.stack) - self.unmatched

    @property
    def quoted(self) -> bool:
        """Whether the text is inside a string or a comment."""
        return bool(self.stack) and self.stack[-1] not in BRACKETS

    def copy(self) -> "Lexer":
        """A lexer in the same state."""
        twin = Lexer(self._syntax, self.stack)
        twin.unmatched, twin._last, twin._run = self.unmatched, self._last, self._run
        twin._escaped, twin._empty_string = self._escaped, self._empty_string
        return twin

    def read(self, text: str) -> None:
        """Follow ``text``, skipping quickly what cannot open or close anything."""
        position = 0
        for match in _SPECIAL.finditer(text):
            if match.start() > position:
                self._pass(text[match.start() - 1])
            self.feed(match.group())
            position = match.end()
        if position < len(text):
            self._pass(text[-1])

    def _pass(self, char: str) -> None:
        """Follow a character that opens and closes nothing, and others like it before."""
        self._last, self._run, self._escaped, self._empty_string = char, 0, False, ""

    def feed(self, char: str) -> None:
        """Follow one character."""
        top = self.stack[-1] if self.stack else ""
        if not top or top in BRACKETS:
            self._in_code(char)
        elif top in ("'", '"', "`", "'''", '"""'):
            self._in_string(char, top)
        elif (top == "/*" and self._last + char == "*/") or (top != "/*" and char == "\n"):
            self.stack.pop()
        self._last = char

    def _in_code(self, char: str) -> None:
        empty, self._empty_string = self._empty_string, ""
        pair = self._last + char
        if char in "'\"`":
            triple = bool(empty) and char == empty
            self.stack.append(char * 3 if triple else char)
            self._run = 0
        elif char in BRACKETS:
            self.stack.append(char)
        elif char in CLOSERS:
            self._close(OPENERS[char])
        elif pair.endswith(self._syntax.comment):
            self.stack.append(self._syntax.comment)
        elif pair == "/*" and self._syntax.comment == "//":
            self.stack.append("/*")

    def _close(self, opener: str) -> None:
        """Close the innermost ``opener`` and whatever was left open inside it."""
        if opener not in self.stack:
            self.unmatched += 1
            return
        while self.stack.pop() != opener:
            pass

    def _in_string(self, char: str, top: str) -> None:
        if self._escaped:
            self._escaped = False
        elif char == "\\":
            self._escaped = True
        elif len(top) == 3:
            self._run = self._run + 1 if char == top[0] else 0
            if self._run == 3:
                self.stack.pop()
        elif char == top:
            self.stack.pop()
            self._empty_string = char if self._last == char and self._syntax.indented else ""
        elif char == "\n" and top != "`":
            self.stack.pop()
