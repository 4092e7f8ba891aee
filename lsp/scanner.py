"""Brackets, strings and comments of a text, well enough to tell code from quoted text.

The state is a stack of what is open, outermost first: brackets, opening quotes, markers of comments. A closer
closes the innermost opener of its kind and whatever was left open inside; one without an opener is unmatched.
Not understood: regular expressions of JavaScript, and code inside of strings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from .languages import Language

CLOSERS = {")": "(", "]": "[", "}": "{"}
OPENERS = frozenset(CLOSERS.values())
_CHARACTER = r"'(?:\\.[^'\n]{0,8}|[^\\'\n])'"
READ_BACK = 8000  # characters before the cursor's line

Stack = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What is open somewhere in a text, and how many closers before it closed nothing."""

    stack: Stack = ()
    unmatched: int = 0

    @property
    def quote(self) -> str:
        """The opening characters of the string or comment; "" in code."""
        return self.stack[-1] if self.stack and self.stack[-1] not in OPENERS else ""

    @property
    def brackets(self) -> Stack:
        """The open brackets."""
        return tuple(entry for entry in self.stack if entry in OPENERS)


START = State()


def scan(text: str, language: Language, state: State = START) -> State:
    """Return the state at the end of ``text``, which begins in ``state``."""
    for _, _, after in steps(text, language, state):
        state = after
    return state


def steps(text: str, language: Language, state: State = START) -> Iterator[tuple[int, int, State]]:
    """Yield each place where the state changes: where its sign begins and ends, and the state after it."""
    position = 0
    while True:
        quote = state.quote
        found = (_in_quote(quote, language) if quote else _in_code(language)).search(text, position)
        if found is None:
            return
        position = found.end()
        after = _quoted(state, found.group(), quote, language) if quote else _coded(state, found.group())
        if after is not state:
            yield found.start(), position, after
            state = after


def state_before_line(prefix: str, language: Language) -> tuple[State, str]:
    """Return the state where the last line of ``prefix`` begins, and that line."""
    earlier, newline, line = prefix.rpartition("\n")
    return _state_after(_readable(earlier + newline), language), line


@lru_cache(maxsize=16)
def _state_after(text: str, language: Language) -> State:
    return State(scan(text, language).stack)


def _readable(text: str) -> str:
    """The end of ``text``; if it is long, from a line without indentation, which seldom is in a string."""
    if len(text) <= READ_BACK:
        return text
    tail = text[-READ_BACK:]
    found = re.search(r"^(?=[A-Za-z@])", tail, re.MULTILINE)
    return tail[found.start() :] if found else tail


@cache
def _in_code(language: Language) -> re.Pattern[str]:
    """What matters outside of strings and comments."""
    signs = [*language.comments, *language.long_quotes, *(language.long_comment or ())[:1]]
    signs += [quote for quote in language.quotes if not (language.characters and quote == "'")]
    words = sorted(map(re.escape, [*signs, *CLOSERS, *OPENERS]), key=len, reverse=True)
    return re.compile("|".join([_CHARACTER, *words] if language.characters else words), re.DOTALL)


@cache
def _in_quote(quote: str, language: Language) -> re.Pattern[str]:
    """What may end a string or comment, and what in it must be skipped."""
    if quote in language.comments:
        return re.compile("\n")
    if language.long_comment and quote == language.long_comment[0]:
        return re.compile(re.escape(language.long_comment[1]))
    ends = re.escape(quote) if quote in language.long_quotes else re.escape(quote) + "|\n"
    return re.compile(ends if quote in language.raw else rf"\\.|{ends}", re.DOTALL)


def _coded(state: State, sign: str) -> State:
    opener = CLOSERS.get(sign)
    if opener is None:
        single = len(sign) > 2 and sign[0] == "'" == sign[-1] and sign != "'''"
        return state if single else State((*state.stack, sign), state.unmatched)
    if opener not in state.stack:
        return State(state.stack, state.unmatched + 1)
    depth = len(state.stack) - 1 - state.stack[::-1].index(opener)
    return State(state.stack[:depth], state.unmatched)


def _quoted(state: State, sign: str, quote: str, language: Language) -> State:
    skipped = sign[0] == "\\" and quote not in language.comments
    return state if skipped else State(state.stack[:-1], state.unmatched)
