"""The plots of what things cost: speed-up by k, time by part, candidates for the draft, and a drawn round."""

from collections.abc import Sequence

from . import words
from .data import Candidate, Parts
from .figure import LETTER, Frame, curve, ground, keys, line, lying_whisker, picture, rise, text, whisker
from .figure import box as bar
from .markup import Markup, tag
from .scales import Bands, Linear, rungs
from .speed import Point, Speed

SLOT = 0.5
"""Half the width of a place beside the axis of k, in steps of k."""


def speed(found: Speed, width: float) -> Markup:
    """Speed-up by guessed tokens: measured with intervals, and what the formula says; 1× is no guessing."""
    frame = Frame(width, 330, bottom=80) if width > 500 else Frame(width, 350, bottom=108)
    most = max([8, *(point.k for point in found.points)])
    extra = [point for point in found.points if point.kind != "draft"]
    apart = 1.6 if frame.wide else 2.4
    across = frame.across(-SLOT, most + SLOT + apart * len(extra))
    highs = [point.tokens[2] for point in found.points] + [cost.predicted for cost in found.costs]
    heights = rungs([*highs, 1.25], 5)
    up = frame.up(heights)
    parts = rise(frame, up, heights, lambda value: f"{value:g}×")
    parts.append(line(frame.left, up(1), frame.end, up(1), "guide"))
    if found.costs:
        model = [(across(0), up(1)), *((across(cost.k), up(cost.predicted)) for cost in found.costs)]
        parts.append(curve(model, "dashed s-axis"))
        parts += [bar(x - 2.5, y - 2.5, 5, 5, "axis", round_=3) for x, y in model]
    measured = [point for point in found.points if point.kind == "draft"]
    ways = [(across(point.k), point) for point in measured]
    ways += [(across(most + SLOT + apart * (index + 0.5)), point) for index, point in enumerate(extra)]
    for x, point in ways:
        parts += _measured(x, point, up)
    labels = [(across(k), str(k)) for k in range(most + 1)]
    labels += [(x, "lookup" if point.kind == "lookup" else "served") for x, point in ways[len(measured) :]]
    parts += ground(frame, labels)
    parts.append(text("guessed tokens a round", across(most / 2), frame.floor + 35, anchor="middle"))
    parts += _legend(frame, found)
    told = "; ".join(f"{_name(point)}: {words.times(point.tokens[1])}" for _, point in ways)
    return picture("speed", frame, "Speed by the number of guesses", told or "nothing was guessed", parts)


def _measured(x: float, point: Point, up: Linear) -> list[Markup]:
    low, value, high = point.tokens
    colour = {"draft": "draft", "lookup": "lookup", "auto": "target"}[point.kind]
    said = f"{_name(point)}: {words.times(value)} ({words.times(low)} to {words.times(high)})"
    dot = tag("circle", tag("title", said), cx=x, cy=up(value), r=5.5, class_=colour)
    return [whisker(x, up(low), up(high)), dot]


def _name(point: Point) -> str:
    if point.kind == "auto":
        return "as served"
    return (
        f"lookup, {point.k} guesses" if point.kind == "lookup" else words.counted(point.k, "guess", "guesses")
    )


def _legend(frame: Frame, found: Speed) -> list[Markup]:
    entries = [("draft", "small model"), ("lookup", "lookup"), ("target", "as served")]
    kinds = {"draft": "draft", "lookup": "lookup", "target": "auto"}
    shown = {point.kind for point in found.points}
    entries = [entry for entry in entries if kinds[entry[0]] in shown]
    if found.costs:
        entries.append(("axis", "by the formula"))
    return keys(frame, frame.floor + 60, entries)[0]


PARTS = (
    ("prompt", "reading the prompt"),
    ("draft", "guessing"),
    ("target", "checking"),
    ("host", "everything else"),
)


def sizes(found: Parts) -> tuple[float, float, float, float]:
    """Milliseconds of ``PARTS`` in an average completion; the first check belongs to the prompt."""
    verified = found.verify * max(0.0, found.rounds - 1)
    return found.prompt, found.draft * found.rounds, verified, found.host * found.rounds


def parts(found: Parts, width: float) -> Markup:
    """Where time goes: bars of a whole completion and, enlarged, of one round of it."""
    frame = Frame(width, 226 if width > 500 else 246, left=0, right=0)
    whole = sizes(found)
    one = (0.0, found.draft, found.verify, found.host)
    drawn = [
        text(f"a completion, {words.span(sum(whole))} on average", 0, 16, class_="name"),
        *_stack(frame, 26, whole),
        text(f"one round of it, {words.span(sum(one))}, enlarged", 0, 116, class_="name"),
        *_stack(frame, 126, one),
        *keys(frame, 214, PARTS)[0],
    ]
    said = "; ".join(f"{name}: {words.span(ms)}" for (_, name), ms in zip(PARTS, whole, strict=True))
    return picture("parts", frame, "Where the time of a completion goes", said, drawn)


def _stack(frame: Frame, y: float, times: Sequence[float]) -> list[Markup]:
    """One bar of parts side by side, each with its time below where it has room."""
    total = sum(times) or 1.0
    drawn, x = [], 0.0
    for (class_, name), ms in zip(PARTS, times, strict=True):
        width = frame.width * ms / total
        if width <= 0:
            continue
        drawn.append(
            bar(
                min(x, frame.width - 1),
                y,
                max(1.0, width - 2),
                38,
                class_,
                hint=f"{name}: {words.span(ms)}",
                round_=4,
            )
        )
        label = words.span(ms)
        if width > LETTER * len(label) + 6:
            drawn.append(text(label, x + 1, y + 56))
        x += width
    return drawn


def drafts(found: Sequence[Candidate], width: float) -> Markup:
    """Candidates for the draft: a bar each, how many times as fast as plain decoding, with its interval."""
    row = 46
    frame = Frame(width, 30 + row * len(found) + 44, left=0, right=56, top=6)
    marks = rungs([*(one.high for one in found), 1.25], 5 if frame.wide else 4)
    across = frame.across(marks[0], marks[-1])
    drawn = [line(across(value), frame.top, across(value), frame.floor, "grid") for value in marks]
    for index, one in enumerate(found):
        y = 8 + row * index
        tone = "good" if one.chosen else "axis" if one.plain else "draft"
        drawn.append(text(one.name + _note(one), 0, y + 12, class_="name"))
        said = f"{words.times(one.speed_up)} ({words.times(one.low)} to {words.times(one.high)})"
        drawn.append(bar(0, y + 19, across(one.speed_up), 15, tone, hint=f"{one.name}: {said}"))
        if not one.plain:
            drawn.append(lying_whisker(y + 26.5, across(one.low), across(one.high)))
        drawn.append(text(words.times(one.speed_up), width, y + 31, class_="value", anchor="end"))
    drawn.append(line(across(1), frame.top, across(1), frame.floor, "guide"))
    drawn += ground(frame, [(across(value), f"{value:g}×") for value in marks[1:]], "times as fast")
    said = "; ".join(f"{one.name}: {words.times(one.speed_up)}" for one in found)
    return picture("drafts", frame, "Ways to guess, compared", said, drawn)


def _note(one: Candidate) -> str:
    """What is to be said of a candidate beside its name."""
    notes = [note for note, true in (("advised", one.chosen), ("as set", one.usual)) if true]
    return f" ({', '.join(notes)})" if notes else ""


GUESSED = (("for", True), ("row", True), ("in", True), ("table", False))
OWN = "rows"


def example(width: float) -> Markup:
    """A drawn round: four guesses, three found right, the fourth replaced. An example, not a measurement."""
    frame = Frame(width, 214, left=0, right=0)
    bands = Bands(len(GUESSED), 0, width, 0.08)
    drawn = [
        text("the small model guesses, one by one", 0, 14),
        text("the large model checks all at once", 0, 86),
    ]
    drawn.append(text("what you get", 0, 158))
    for index, (token, right) in enumerate(GUESSED):
        drawn += _token(bands, index, 22, token, "box")
        drawn.append(
            text("right" if right else "wrong", bands.middle(index), 116, class_="value", anchor="middle")
        )
        drawn.append(bar(bands.left(index), 94, bands.width, 4, "good" if right else "loss", round_=2))
        if right:
            drawn += _token(bands, index, 166, token, "box")
    wrong = len(GUESSED) - 1
    drawn += _token(bands, wrong, 166, OWN, "box")
    drawn.append(bar(bands.left(wrong), 196, bands.width, 4, "target", round_=2))
    drawn += [bar(bands.left(index), 196, bands.width, 4, "good", round_=2) for index in range(wrong)]
    said = "Four tokens are guessed; three are right, the fourth is replaced by the large model's own"
    return picture("example", frame, "A round, as an example", said, drawn)


def _token(bands: Bands, index: int, y: float, token: str, class_: str) -> list[Markup]:
    return [
        bar(bands.left(index), y, bands.width, 30, class_, round_=6),
        text(token, bands.middle(index), y + 20, class_="token", anchor="middle"),
    ]
