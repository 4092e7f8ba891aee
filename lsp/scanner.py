"""Brackets, strings and comments of a text, well enough to tell code from quoted text.

The state is a stack of what is open, outermost first: brackets, opening quotes, markers of comments. A closer
closes the innermost opener of its kind and whatever was left open inside; one without an opener is unmatched.
Code inside of strings is not understood.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from .languages import Language

CLOSERS = {")": "(", "]": "[", "}": "{"}
OPENERS = frozenset(CLOSERS.values())
_CHARACTER = r"'(?:\\.[^'\n]{0,8}|[^\\'\n])'"
_PATTERN = (
    r"(?:(?<=[=(,:\[!&|?;{}])|(?<=[=(,:\[!&|?;{}] ))/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/"
)
_TOP_LEVEL = re.compile(r"^(?=[A-Za-z@])", re.MULTILINE)
READ_BACK = 64_000  # characters before the cursor's line
PIECE = 4096

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
    position, code = 0, _in_code(language)
    while True:
        quote = state.quote
        found = (_in_quote(quote, language) if quote else code).search(text, position)
        if found is None:
            return
        position = found.end()
        after = _quoted(state, found.group(), quote, language) if quote else _coded(state, found.group())
        if after is not state:
            yield found.start(), position, after
            state = after


def state_before_line(prefix: str, language: Language) -> tuple[State, str]:
    """Return the state where the last line of ``prefix`` begins, and that line.

    The prefix is read in pieces that are remembered, so that the next call, for a prefix that differs at its
    end only, costs little.
    """
    line_start = prefix.rfind("\n") + 1
    state, start = START, _first_to_read(prefix, line_start)
    while start < line_start:
        end = prefix.rfind("\n", start, start + PIECE) + 1 if line_start - start > PIECE else line_start
        end = end or line_start
        state = _state_after(prefix[start:end], language, state.stack)
        start = end
    return state, prefix[line_start:]


@lru_cache(maxsize=256)
def _state_after(text: str, language: Language, stack: Stack) -> State:
    return State(scan(text, language, State(stack)).stack)


def _first_to_read(prefix: str, end: int) -> int:
    """Where to begin; in a long text at a line without indentation, which seldom is in a string."""
    if end <= READ_BACK:
        return 0
    step = READ_BACK // 2
    found = _TOP_LEVEL.search(prefix, (end - READ_BACK) // step * step + step, end)
    return found.start() if found else end - READ_BACK


@cache
def _in_code(language: Language) -> re.Pattern[str]:
    """What matters outside of strings and comments."""
    signs = [*language.comments, *language.long_quotes, *(language.long_comment or ())[:1]]
    signs += [quote for quote in language.quotes if not (language.characters and quote == "'")]
    words = sorted(map(re.escape, [*signs, *CLOSERS, *OPENERS]), key=len, reverse=True)
    whole = [_CHARACTER] * language.characters + [_PATTERN] * language.patterns
    return re.compile("|".join([*whole, *words]), re.DOTALL)


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
        return state if _is_whole(sign) else State((*state.stack, sign), state.unmatched)
    if opener not in state.stack:
        return State(state.stack, state.unmatched + 1)
    depth = len(state.stack) - 1 - state.stack[::-1].index(opener)
    return State(state.stack[:depth], state.unmatched)


def _is_whole(sign: str) -> bool:
    """Whether a sign is a character or a pattern with its end."""
    return len(sign) > 2 and sign[0] == sign[-1] and (sign[0] == "/" or (sign[0] == "'" and sign != "'''"))


def _quoted(state: State, sign: str, quote: str, language: Language) -> State:
    skipped = sign[0] == "\\" and quote not in language.comments
    return state if skipped else State(state.stack[:-1], state.unmatched)
