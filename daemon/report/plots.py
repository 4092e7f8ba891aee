"""The plots of what completions did: guesses by position, first text, prompt reuse, savings."""

import math
from collections.abc import Sequence

from . import words
from .data import Editors, FirstText, Position, Reuse, Saved
from .figure import (
    LETTER,
    Frame,
    curve,
    ground,
    line,
    picture,
    rise,
    surface,
    text,
    whisker,
)
from .figure import box as bar
from .markup import Markup
from .scales import Bands, Linear, rungs

ROOM = 36.0
"""Pixels from one label of an axis to the next."""
HALF = (0.0, 0.25, 0.5, 0.75, 1.0)


def positions(found: Sequence[Position], width: float) -> Markup:
    """How often the n-th guess of a round was right: a bar each, with its interval."""
    frame = Frame(width, 290 if width > 500 else 250)
    up, bands = frame.up(HALF), Bands(len(found), frame.left, frame.end, 0.36)
    parts = rise(frame, up, HALF, words.percent)
    for index, position in enumerate(found):
        share, x = position.share, bands.left(index)
        hint = f"{words.ordinal(index + 1)} guess: {position.accepted} of {position.tested} right"
        parts.append(bar(x, up(share.value), bands.width, frame.floor - up(share.value), "draft", hint=hint))
        parts.append(whisker(bands.middle(index), up(share.low), up(share.high)))
        value = words.percent(share.value) if bands.step > ROOM else f"{share.value * 100:.0f}"
        parts.append(_above(bands.middle(index), up(share.high), value))
    labels = [(bands.middle(index), words.ordinal(index + 1)) for index in range(len(found))]
    parts += ground(frame, labels, "guess of a round")
    told = "; ".join(
        f"{label}: {words.percent(one.share.value)}" for (_, label), one in zip(labels, found, strict=True)
    )
    return picture("positions", frame, "How often each guess of a round is right", told, parts)


def _above(x: float, y: float, value: str) -> Markup:
    return text(value, x, max(13.0, y - 7), class_="value", anchor="middle")


def first_text(found: FirstText, width: float) -> Markup:
    """How many completions began to show after how long: bars over a stretched scale, two percentiles."""
    frame = Frame(width, 280 if width > 500 else 250, top=46)
    across = frame.across(math.log(found.edges[0]), math.log(found.edges[-1]))
    heights = rungs(found.bins, 4, least=4)
    up = frame.up(heights)
    parts = rise(frame, up, heights, _whole)
    for begin, end, number in zip(found.edges, found.edges[1:], found.bins, strict=False):
        x, y = across(math.log(begin)), up(number)
        room = across(math.log(end)) - x - 1.5
        hint = f"{words.span(begin)} to {words.span(end)}: {words.counted(number, 'completion')}"
        parts.append(bar(x + 0.75, y, room, frame.floor - y, "target", hint=hint, round_=2))
    parts += _percentiles(frame, across, found)
    parts += ground(frame, _labels(found.edges, across), "milliseconds until the first text, scale stretched")
    told = f"Half within {words.span(found.p50)}, 95 % within {words.span(found.p95)}"
    return picture("first", frame, "How soon the first text is there", told, parts)


def _labels(edges: Sequence[float], across: Linear) -> list[tuple[float, str]]:
    """Labels of the edges that begin with 1, 2 or 5 and have room; tens are given theirs first."""
    taken: list[tuple[float, str]] = []
    for leads in ("1", "25"):
        for edge in edges:
            x, label = across(math.log(edge)), f"{edge:g}"
            begins = label.lstrip("0.")[:1] in leads and set(label.lstrip("0.")[1:]) <= {"0"}
            if begins and all(abs(x - other) > ROOM for other, _ in taken):
                taken.append((x, label))
    return taken


def _whole(value: float) -> str:
    return words.count(round(value))


def _percentiles(frame: Frame, across: Linear, found: FirstText) -> list[Markup]:
    """Upright marks at median and 95th percentile, their words in two heights."""
    parts = []
    marks = (
        (found.p50, f"half within {words.span(found.p50)}", 15.0),
        (found.p95, f"95 % within {words.span(found.p95)}", 33.0),
    )
    for value, says, y in marks:
        x = across(math.log(max(value, found.edges[0])))
        room = x + 8 + LETTER * len(says) < frame.end
        parts.append(line(x, y - 9, x, frame.floor, "guide"))
        parts.append(text(says, x + 7 if room else x - 7, y, class_="value", anchor=None if room else "end"))
    return parts


def reuse(found: Reuse, width: float) -> Markup:
    """The shares of prompt tokens remembered and read anew; below, completions by their share."""
    frame = Frame(width, 314 if width > 500 else 284, top=112, bottom=24)
    remembered, read = f"{words.percent(found.share)} remembered", f"{words.percent(1 - found.share)} read"
    parts = [
        *_split(width, 0, found.share, remembered, read),
        text("completions, by how much was remembered", 0, 92),
    ]
    heights = rungs(found.bins, 3, least=4)
    up, bands = frame.up(heights), Bands(len(found.bins), frame.left, frame.end, 0.14)
    parts += rise(frame, up, heights, _whole)
    part = 1 / len(found.bins)
    for index, number in enumerate(found.bins):
        hint = f"{index * part:.0%} to {(index + 1) * part:.0%}: {words.counted(number, 'completion')}"
        parts.append(
            bar(
                bands.left(index),
                up(number),
                bands.width,
                frame.floor - up(number),
                "good",
                hint=hint,
                round_=2,
            )
        )
    across = frame.across(0, 1)
    parts += ground(frame, [(across(value), words.percent(value)) for value in HALF])
    told = f"{words.percent(found.share)} of prompt tokens were remembered"
    return picture("reuse", frame, "How much of the prompt is remembered", told, parts)


def _split(width: float, y: float, part: float, yes: str, no: str) -> list[Markup]:
    """A whole line in two: the ``part`` that is ``yes``, and the rest, with their words above."""
    middle = width * part
    rest = min(width, middle + 1)
    return [
        text(yes, 0, y + 13, class_="value"),
        text(no, width, y + 13, anchor="end"),
        bar(0, y + 22, middle - 1, 34, "good", hint=yes, round_=4),
        bar(rest, y + 22, width - rest, 34, "axis faint", hint=no, round_=4),
    ]


def taken(found: Editors, width: float) -> Markup:
    """Of suggestions shown those that were taken; of characters taken those that stayed."""
    frame = Frame(width, 138 if found.followed else 60)
    part = min(1.0, found.taken / found.shown)
    parts = _split(width, 0, part, f"{words.percent(part)} taken", f"{words.percent(1 - part)} not taken")
    told = f"{words.percent(part)} of suggestions were taken"
    if found.followed:
        stayed = found.retained / found.followed
        changed = f"{words.percent(1 - stayed)} changed"
        parts += _split(width, 78, stayed, f"{words.percent(stayed)} of that text stayed", changed)
        told += f"; {words.percent(stayed)} of their text stayed"
    return picture("editors", frame, "What became of suggestions", told, parts)


def savings(found: Sequence[Saved], width: float) -> Markup:
    """What was saved altogether, over time, with its 95 % interval."""
    frame = Frame(width, 284 if width > 500 else 246, left=66, bottom=24)
    size, name = words.unit(max(abs(value) for one in found for value in (one.low, one.high)))
    heights = rungs([value / size for one in found for value in (one.low, one.ms, one.high)], 5, least=1e-3)
    up, across = frame.up(heights), frame.across(found[0].at, found[-1].at)
    parts = rise(frame, up, heights, lambda value: f"{value:g}{words.BOUND}{name}".replace("-", "−"))
    places = [across(one.at) for one in found]
    edge = [(x, up(one.high / size)) for x, one in zip(places, found, strict=True)]
    back = [(x, up(one.low / size)) for x, one in zip(places, found, strict=True)]
    middle = [(x, up(one.ms / size)) for x, one in zip(places, found, strict=True)]
    tone = "good" if found[-1].ms >= 0 else "loss"
    parts.append(surface([*edge, *reversed(back)], f"{tone} band"))
    parts.append(line(frame.left, up(0), frame.end, up(0), "axis"))
    parts += [curve(middle, f"s-{tone}"), *_last(frame, found[-1], *middle[-1])]
    parts += ground(frame, _days(frame, found, across), bare=heights[0] < 0)
    said = f"{words.span(found[-1].ms)} after {words.counted(found[-1].completions, 'completion')}"
    return picture("savings", frame, "Time saved altogether", said, parts)


def _last(frame: Frame, end: Saved, x: float, y: float) -> list[Markup]:
    """The value at the end of the line."""
    above = y - 14 if y - 14 > frame.top else y + 24
    return [
        bar(x - 4, y - 4, 8, 8, "good" if end.ms >= 0 else "loss", round_=4),
        text(words.span(end.ms), x - 8, above, class_="value", anchor="end"),
    ]


def _days(frame: Frame, found: Sequence[Saved], across: Linear) -> list[tuple[float, str]]:
    """Places on the axis of time: clock times within a day, dates beyond, none of them twice."""
    begin, end = found[0].at, found[-1].at
    say = words.clock if words.local(begin).date() == words.local(end).date() else words.short_day
    number = 5 if frame.wide else 3
    labels: list[tuple[float, str]] = []
    for index in range(number):
        at = begin + (end - begin) * index / (number - 1)
        if not labels or labels[-1][1] != say(at):
            labels.append((across(at), say(at)))
    return labels
