"""What a person sees: colours on a terminal, plain text elsewhere, and a line of progress."""

import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from ..protocol import Done, Token
from .place import Place

DIM, STRONG = "2", "1;32"
# black on green, cyan, purple, yellow
ORIGINS = {"draft": "30;42", "lookup": "30;46", "replay": "30;45", "target": "30;43"}
CONTEXT_LINES = 3
_UNSEEN = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "�")  # all but tab, line feed
BAR_CELLS = 24
BAR_DELAY = 0.3  # seconds: what is done sooner shows no bar


class Screen:
    """A text stream that takes colours, or does not."""

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        """Use ``colour`` if the stream is a terminal."""
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.colour = colour and self.is_terminal

    def tame(self, text: str) -> str:
        """Return ``text`` without the control characters that would steer a terminal."""
        return text.translate(_UNSEEN) if self.is_terminal else text

    def paint(self, text: str, style: str) -> str:
        """Return ``text`` in an SGR style, line by line so that no colour runs to the screen's edge."""
        text = self.tame(text)
        if not self.colour or not text:
            return text
        return "\n".join(f"\x1b[{style}m{line}\x1b[0m" if line else "" for line in text.split("\n"))

    def write(self, text: str) -> None:
        """Write ``text`` as it is, and flush."""
        self.stream.write(text)
        self.stream.flush()


def surroundings(screen: Screen, place: Place) -> tuple[str, str]:
    """Return what a terminal shows before and after the completion: dim lines above, the cursor's own line.

    Other streams get the completion alone.
    """
    if not screen.is_terminal:
        return "", ""
    *above, line = place.prefix.split("\n")[-CONTEXT_LINES - 1 :]
    before = "".join(screen.paint(text, DIM) + "\n" for text in above) + screen.tame(line)
    return before, screen.paint(place.suffix.split("\n", 1)[0], DIM)


def completed(screen: Screen, place: Place, done: Done) -> str:
    """Return the completion in its place."""
    before, after = surroundings(screen, place)
    return before + screen.paint(done.text, STRONG) + after + "\n"


def explained(screen: Screen, place: Place, done: Done) -> str:
    """Return the completion with each token's origin, and a legend: in colours, or as a list without them."""
    if not screen.colour:
        return listed_tokens(done.tokens) + legend(screen, done.tokens)
    before, after = surroundings(screen, place)
    return before + coloured_tokens(screen, done.tokens) + after + "\n" + legend(screen, done.tokens)


def coloured_tokens(screen: Screen, tokens: Iterable[Token]) -> str:
    """Return the tokens in the colours of their origins, spaces and all."""
    return "".join(screen.paint(token.text, ORIGINS[token.origin]) for token in tokens)


def listed_tokens(tokens: Iterable[Token]) -> str:
    """Return one line a token, its origin and its text as JSON writes it, for where there are no colours."""
    return "".join(f"{token.origin:<7} {json.dumps(token.text, ensure_ascii=False)}\n" for token in tokens)


def legend(screen: Screen, tokens: Iterable[Token]) -> str:
    """Return how many tokens each origin gave, in its colour."""
    count = Counter[str](token.origin for token in tokens)
    return "  ".join(f"{screen.paint(f' {name} ', ORIGINS[name])} {count[name]}" for name in ORIGINS) + "\n"


def counts_line(done: Done, engine: str) -> str:
    """Return the counts and times of a completion in one line; ``engine`` says what made it, or is empty."""
    tokens = "1 token" if done.emitted == 1 else f"{done.emitted} tokens"
    passes = "1 pass" if done.passes == 1 else f"{done.passes} passes"
    tau = f" (τ {done.emitted / done.passes:.1f})" if done.passes else ""
    drafted = f"drafted {done.drafted}, tested {done.tested}, accepted {done.accepted}"
    alpha = f" (α {done.accepted / done.tested:.2f})" if done.tested else ""
    times = f"first text {done.ms.queue + done.ms.first:.0f} ms, total {done.ms.queue + done.ms.total:.0f} ms"
    parts = [f"{tokens} in {passes}{tau}", drafted + alpha, f"ended by {done.finish}", times]
    return " · ".join([*parts, engine] if engine else parts)


class LoadingBar:
    """One line on a terminal that fills while models load; on other streams nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._start = time.monotonic()
        self._shown = False

    def __call__(self, stage: str, fraction: float) -> None:
        """Draw the bar, once loading has taken long enough to be noticed."""
        if not self._is_terminal or time.monotonic() - self._start < BAR_DELAY:
            return
        filled = round(BAR_CELLS * min(max(fraction, 0.0), 1.0))
        bar = "█" * filled + "░" * (BAR_CELLS - filled)
        width = shutil.get_terminal_size().columns - 1
        self._stream.write("\r\x1b[K" + f"{bar} {fraction:4.0%} {stage}"[:width])
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Take the bar off the screen."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


def complain(text: str) -> None:
    """Write one sentence to stderr, on one line."""
    sys.stderr.write(f"paceline: {on_one_line(text)}\n")


def on_one_line(text: str) -> str:
    """Return ``text`` without line ends and control characters, whatever a file name in it may hold."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def describe_engine(facts: Mapping[str, Any]) -> str:
    """Return what an engine with these ``facts`` runs, such as "mini on cpu f32"; empty without facts."""
    if not facts:
        return ""
    blind = ", which sees only the text before the cursor" if facts.get("fim", "") is None else ""
    return f"{facts['pair']} on {facts['device']} {short_dtype(facts['target']['dtype'])}{blind}"


def short_dtype(name: str) -> str:
    """Return the name that ``--dtype`` takes for a number type of torch."""
    return {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}.get(name, name)
