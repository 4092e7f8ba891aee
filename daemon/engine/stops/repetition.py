"""Repetition: the same lines again and again, or a line that never ends."""

from .written import Rule, Stop, Written

LONGEST_BLOCK = 4
"""Lines of a repeated block at most."""
TIMES = 3
"""A block that stands this often in a row is repetition; the first one stays."""
LONGEST_PERIOD = 40
"""Characters of a repeated piece within a line at most."""
SHOWN = 24
"""Characters of such a repetition that stay, of a long piece two copies."""
STUTTER, STUTTER_SIGNS = 48, 96
"""Characters that must repeat within a line: with letters or digits, and of other signs only."""


class RepeatedLines(Rule):
    """Stops at the third time in a row of the same block of lines; the line above the cursor counts too."""

    def __init__(self) -> None:
        # per distance: how many of the last lines in a row equal the line that far above
        self._runs = [0] * (LONGEST_BLOCK + 1)

    def on_line(self, written: Written) -> Stop | None:
        """Compare the line just finished with those above it."""
        lines = written.lines
        if written.blank_run or not lines:
            return None
        for distance in range(1, min(LONGEST_BLOCK, len(lines) - 1) + 1):
            same = lines[-1].text == lines[-1 - distance].text
            self._runs[distance] = self._runs[distance] + 1 if same else 0
            if self._runs[distance] >= self._needed(distance, written) and _says_something(written, distance):
                return Stop(self._begin(distance, written), "repetition")
        return None

    def _needed(self, distance: int, written: Written) -> int:
        """Repeated lines that make a repetition; if the line above is the same, one copy is there already."""
        copy_above = written.place.blank and written.place.above[:1] == (written.lines[0].text,)
        return (
            distance if copy_above and distance == 1 and len(written.lines) == 2 else (TIMES - 1) * distance
        )

    def _begin(self, distance: int, written: Written) -> int:
        """Where the repetition begins: the end of the last line before it."""
        return written.lines[len(written.lines) - self._runs[distance] - 1].end

    def settled(self, written: Written) -> int:
        """The text up to where a repetition may have begun."""
        line = written.line.rstrip()
        settled = len(written.text)
        for distance in range(1, min(LONGEST_BLOCK, len(written.lines)) + 1):
            goes_on = written.lines[-distance].text.startswith(line)
            if goes_on and (line or self._runs[distance]):
                settled = min(settled, self._begin(distance, written))
        return settled


def _says_something(written: Written, count: int) -> bool:
    return any(char.isalnum() for line in written.lines[-count:] for char in line.text)


class Stutter(Rule):
    """Stops in a line that repeats a short piece over and over."""

    def on_char(self, written: Written) -> Stop | None:
        """Look every few characters, so that the same text always stops at the same place."""
        size = len(written.text) - written.start
        if size < STUTTER or size % 8:
            return None
        for period in _periods(written.text):
            begin = _run_start(written, period, max(STUTTER, TIMES * period))
            piece = written.text[-period:]
            if begin is not None and len(written.text) - begin >= _needed(piece):
                return Stop(written.solid if piece.isspace() else begin + _shown(period), "repetition")
        return None

    def settled(self, written: Written) -> int:
        """The text but for what a repetition under way has too much."""
        text = written.text
        if len(text) - written.start < SHOWN:
            return len(text)
        shown = {period: _shown(period) for period in _periods(text)}
        begins = [(_run_start(written, period, least), least) for period, least in shown.items()]
        return min((begin + least for begin, least in begins if begin is not None), default=len(text))


def _periods(text: str) -> list[int]:
    """The periods, shortest first, that the last character fits."""
    near = text[-1 - LONGEST_PERIOD : -1]
    return [len(near) - at for at in reversed(range(len(near))) if near[at] == text[-1]]


def _shown(period: int) -> int:
    return max(SHOWN, 2 * period)


def _needed(piece: str) -> int:
    return STUTTER if any(char.isalnum() for char in piece) else STUTTER_SIGNS


def _run_start(written: Written, period: int, least: int) -> int | None:
    """Where the run of ``period`` that ends the current line begins; None if shorter than ``least``."""
    text, begin = written.text, len(written.text) - least
    if begin < written.start or text[begin + period :] != text[begin:-period]:
        return None
    while begin > written.start and text[begin - 1] == text[begin - 1 + period]:
        begin -= 1
    return begin
