"""A person at an editor: the keys that write a text, with their pauses, slips and what the editor adds.

Everything is drawn from a seeded generator, so a seed always gives the same keys. The editor closes brackets
and indents new lines as VS Code does for most languages; the person types over a closing bracket, deletes one
that was not wanted, and takes back a slip after noticing it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

CLOSING = {"(": ")", "[": "]", "{": "}"}
UNIT = 4  # spaces of one step of indentation
BLANKS = " \t"
# each letter's neighbour that a finger hits in its place, on a QWERTY keyboard
NEIGHBOURS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqewrytuoipsdfghjkhxzxcvbn", strict=False))


@dataclass(frozen=True, slots=True)
class Habits:
    """How a person types; times in seconds.

    Pauses are log-normal, given by their median and the sigma of their logarithm. Before a word the pause is
    ``word`` times as long; a new line begins with a thought, now and then with a ``long`` one. A ``slip`` is
    a wrong letter, noticed up to two letters later. The medians are those of a practised typist, faster than
    the mean of Dhakal et al. 2018 (CHI '18, 168,000 people copying sentences), where answers come late first.
    """

    key: float = 0.15
    spread: float = 0.45
    word: float = 1.6
    thought: float = 0.8
    long_thought: float = 2.5
    long_share: float = 0.15
    notice: float = 0.35
    backspace: float = 0.11
    slip: float = 0.02


@dataclass(frozen=True, slots=True)
class Stroke:
    """One key, ``pause`` seconds after the one before it.

    ``left`` characters before the cursor and ``right`` behind it go, ``text`` comes before the cursor and
    ``closing`` behind it; then the cursor moves ``move`` characters to the right.
    """

    pause: float
    text: str = ""
    left: int = 0
    right: int = 0
    closing: str = ""
    move: int = 0

    def apply(self, before: str, after: str) -> tuple[str, str]:
        """Return the texts before and behind the cursor that the key leaves."""
        before = before[: len(before) - self.left] + self.text
        after = self.closing + after[self.right :]
        return before + after[: self.move], after[self.move :]


@dataclass(slots=True)
class _Closer:
    """A bracket that the editor put behind the cursor, ``glue`` (a line end with indentation) before it."""

    bracket: str
    glue: str = ""


class Typist:
    """Writes one text. Use once."""

    def __init__(self, text: str, *, seed: int = 0, habits: Habits | None = None) -> None:
        """``text`` is to be written on an empty line."""
        self._text = text
        self._habits = habits or Habits()
        self._random = random.Random(seed)
        self._match = matching(text)
        self._closers: list[_Closer] = []
        self._line = ""  # what stands before the cursor on its line

    def strokes(self) -> Iterator[Stroke]:
        """Yield the keys that write the text; what follows the cursor at the end is what did before."""
        yield from self._indentation(0, "")
        place = len(_blanks(self._text, 0))
        while place < len(self._text):
            character = self._text[place]
            if character == "\n":
                yield from self._new_line(place)
                place += 1 + len(_blanks(self._text, place + 1))
                continue
            if self._closers and self._match.get(place) is not None and character in CLOSING.values():
                yield from self._type_over(place)
            elif character in CLOSING:
                yield from self._open(place)
            else:
                yield from self._plain(place)
            self._line += character
            place += 1

    # -- keys

    def _plain(self, place: int) -> Iterator[Stroke]:
        """A character, after a slip perhaps."""
        character = self._text[place]
        if character in NEIGHBOURS and self._random.random() < self._habits.slip:
            yield from self._slip(place)
        yield Stroke(self._pause(place), character)

    def _slip(self, place: int) -> Iterator[Stroke]:
        """A wrong letter, perhaps letters of the word after it, and as many backspaces."""
        yield Stroke(self._pause(place), NEIGHBOURS[self._text[place]])
        further = self._text[place + 1 : place + 1 + self._random.randrange(3)]
        count = next((n for n, letter in enumerate(further) if not letter.isalpha()), len(further))
        for letter in further[:count]:
            yield Stroke(self._draw(self._habits.key), letter)
        for number in range(count + 1):
            yield Stroke(self._draw(self._habits.backspace if number else self._habits.notice), left=1)

    def _open(self, place: int) -> Iterator[Stroke]:
        """An opening bracket, which the editor closes; one that stays open is deleted again."""
        closing = CLOSING[self._text[place]]
        yield Stroke(self._pause(place), self._text[place], closing=closing)
        if self._match.get(place) is None:
            yield Stroke(self._draw(self._habits.notice), right=1)
        else:
            self._closers.append(_Closer(closing))

    def _type_over(self, place: int) -> Iterator[Stroke]:
        """A closing bracket that stands behind the cursor already; a line end before it is deleted."""
        closer = self._closers.pop()
        if closer.glue:
            yield Stroke(self._draw(self._habits.notice), right=len(closer.glue))
        yield Stroke(self._pause(place), closer.bracket, right=1)

    def _new_line(self, place: int) -> Iterator[Stroke]:
        """The end of a line; between brackets the closing one goes to a line of its own."""
        text, here = self._text, _blanks(self._line, 0)
        trailing = len(self._line) if text[place - 1 : place] in ("", "\n") else 0  # the editor's own blanks
        if self._closers and text.startswith(self._closers[-1].glue or " ", place):
            glue = self._closers[-1].glue
            self._closers[-1].glue = ""
            yield Stroke(self._draw(self._habits.key), left=trailing, move=len(glue))
            self._line = glue[1:]
            yield from self._indentation(place + 1, self._line)
            return
        opened = self._line[-1:] in CLOSING
        indent = here + " " * UNIT if opened or self._line.endswith(":") else here
        closing = ""
        if opened and self._closers and not self._closers[-1].glue:
            closing = self._closers[-1].glue = "\n" + here
        yield Stroke(self._draw(self._habits.key), "\n" + indent, left=trailing, closing=closing)
        yield from self._indentation(place + 1, indent)

    def _indentation(self, start: int, there: str) -> Iterator[Stroke]:
        """From the indentation that is there to the one the line at ``start`` has; an empty line keeps it."""
        wanted = _blanks(self._text, start)
        self._line = there
        if self._text.startswith("\n", start):
            return
        while not wanted.startswith(self._line):
            size = (len(self._line) - 1) % UNIT + 1 if self._line.endswith(" " * UNIT) else 1
            self._line = self._line[:-size]
            yield Stroke(self._draw(self._habits.backspace), left=size)
        if self._line != wanted:
            yield Stroke(self._draw(self._habits.key), wanted[len(self._line) :])
            self._line = wanted

    # -- pauses

    def _pause(self, place: int) -> float:
        """The pause before a character, by what stands before it."""
        habits, previous = self._habits, self._text[place - 1 : place]
        if not self._line.strip():
            long = self._random.random() < habits.long_share
            return self._draw(habits.key) + self._draw(habits.long_thought if long else habits.thought)
        between_words = not previous.isalnum() and self._text[place].isalnum()
        return self._draw(habits.key) * (habits.word if between_words else 1.0)

    def _draw(self, median: float) -> float:
        return median * self._random.lognormvariate(0.0, self._habits.spread)


def matching(text: str) -> dict[int, int]:
    """Return where brackets of ``text`` match, both ways; those that match none are left out."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for place, character in enumerate(text):
        if character in CLOSING:
            opened.append(place)
        elif opened and character == CLOSING[text[opened[-1]]]:
            partner = opened.pop()
            found[partner], found[place] = place, partner
    return found


def _blanks(text: str, start: int) -> str:
    """The blanks of ``text`` from ``start`` on."""
    end = start
    while end < len(text) and text[end] in BLANKS:
        end += 1
    return text[start:end]
