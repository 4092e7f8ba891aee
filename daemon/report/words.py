"""Numbers as a person reads them: times, shares, ratios, dates. A no-break space binds number and unit."""

import re
from datetime import UTC, datetime

BOUND = "\u00a0"
LONG_MS, LONG_S, LONG_MIN = 1000.0, 120.0, 120.0


def span(ms: float) -> str:
    """A length of time with two or three digits, in ms, s, min or h."""
    size = abs(ms)
    if size < 0.9995 * LONG_MS:
        digits = 2 if size < 0.995 else 1 if size < 9.95 else 0
        return f"{_plain(ms, digits)}{BOUND}ms"
    seconds = ms / 1000
    if abs(seconds) < LONG_S:
        return f"{_plain(seconds, 1 if abs(seconds) < 9.95 else 0)}{BOUND}s"
    minutes = seconds / 60
    if abs(minutes) < LONG_MIN:
        return f"{_plain(minutes, 1 if abs(minutes) < 9.95 else 0)}{BOUND}min"
    return f"{_plain(minutes / 60, 1)}{BOUND}h"


def unit(ms: float) -> tuple[float, str]:
    """The unit in which a length of time is told best: how many milliseconds it has, and its name."""
    size = abs(ms)
    if size < LONG_MS:
        return 1.0, "ms"
    return (1000.0, "s") if size < LONG_S * 1000 else (60_000.0, "min")


def bound(prose: str) -> str:
    """``prose`` with no line break between a number and its per cent sign."""
    return re.sub(r"(?<=\d) (?=%)", BOUND, prose)


def engine(name: str) -> str:
    """The name of an engine (``history.engine_of``) with its number types as they are called for short."""
    *parts, types = name.replace("bfloat", "bf").replace("float", "f").split(" · ")
    first, _, second = types.partition("+")
    return " · ".join([*parts, first if first == second or not second else f"{first} + {second}"])


def percent(share: float) -> str:
    """A share in whole percent; what is not quite nothing or all does not look so."""
    if 0 < share < 0.005:
        return f"under 1{BOUND}%"
    if 0.995 <= share < 1:
        return f"over 99{BOUND}%"
    return f"{share * 100:.0f}{BOUND}%"


def times(ratio: float) -> str:
    """A ratio, such as 1.9×."""
    return f"{ratio:.0f}×" if ratio >= 99.5 else f"{ratio:.1f}×" if ratio >= 9.95 else f"{ratio:.2f}×"


def count(number: int) -> str:
    """A whole number with its thousands apart."""
    return f"{number:,}"


def counted(number: int, what: str, more: str = "") -> str:
    """A number of things: "1 completion", "2,000 completions"."""
    return f"{count(number)} {what if number == 1 else more or what + 's'}"


def few(number: float) -> str:
    """A mean of small counts, such as 2.4."""
    return _plain(number, 1)


def _plain(number: float, digits: int) -> str:
    text = f"{number:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "−")


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th…"""
    last = number % 10
    ending = {1: "st", 2: "nd", 3: "rd"}.get(last, "th") if not 11 <= number % 100 <= 13 else "th"
    return f"{number}{ending}"


def local(at: float) -> datetime:
    """The local time of a moment (seconds of the epoch)."""
    return datetime.fromtimestamp(at, UTC).astimezone()


def day(at: float) -> str:
    """A date, such as 3 November 2026."""
    moment = local(at)
    return f"{moment.day}{BOUND}{moment:%B} {moment.year}"


def short_day(at: float) -> str:
    """A date without its year, such as 3 Nov."""
    moment = local(at)
    return f"{moment.day} {moment:%b}"


def clock(at: float) -> str:
    """A time of day."""
    return f"{local(at):%H:%M}"


def since(begin: float, end: float) -> str:
    """A stretch of time in words: "today, from 9:00 to 9:30", "from 3 to 5 November 2026"."""
    if local(begin).date() == local(end).date():
        return f"on {day(end)}, {clock(begin)} to {clock(end)}"
    return f"from {day(begin)} to {day(end)}"
