"""What every plot is drawn on: a frame with its margins, axes, whiskers, and the picture around it all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .markup import Markup, tag
from .scales import Linear

WIDE, NARROW = 660.0, 330.0
"""Widths for which each plot is drawn: where there is room, and for a phone."""
LETTER = 6.7
"""Width of a letter, about, where it matters whether text fits."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot's size and margins in pixels."""

    width: float
    height: float
    left: float = 46.0
    right: float = 10.0
    top: float = 18.0
    bottom: float = 40.0

    @property
    def end(self) -> float:
        """The right edge of the plotting area."""
        return self.width - self.right

    @property
    def floor(self) -> float:
        """The lower edge of the plotting area."""
        return self.height - self.bottom

    @property
    def wide(self) -> bool:
        """Whether there is room for long words."""
        return self.width >= WIDE

    def across(self, low: float, high: float) -> Linear:
        """A scale from left to right."""
        return Linear(low, high, self.left, self.end)

    def up(self, rungs: Sequence[float]) -> Linear:
        """A scale from the bottom upwards, from the first of the ``rungs`` to the last."""
        return Linear(rungs[0], rungs[-1], self.floor, self.top)


def picture(name: str, frame: Frame, title: str, told: str, parts: Sequence[str]) -> Markup:
    """The whole SVG: an image with a ``title`` and, for those who cannot see it, what it shows ``told``."""
    mark = f"{name}-{frame.width:.0f}"
    return tag(
        "svg",
        tag("title", title, id=f"{mark}-title"),
        tag("desc", told, id=f"{mark}-desc"),
        *parts,
        class_="plot",
        viewBox=f"0 0 {frame.width:g} {frame.height:g}",
        role="img",
        aria_labelledby=f"{mark}-title {mark}-desc",
    )


def text(words: str, x: float, y: float, *, class_: str = "tick", anchor: str | None = None) -> Markup:
    """Text with its baseline at ``y``; ``anchor`` "middle" or "end" puts another place of it at ``x``."""
    return tag("text", words, x=x, y=y, class_=class_, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def box(
    x: float, y: float, width: float, height: float, class_: str, *, hint: str = "", round_: float = 3
) -> Markup:
    """A filled rectangle; ``hint`` is what a pointer over it is told."""
    radius = max(0.0, min(round_, width / 2, height / 2))
    inner = tag("title", hint) if hint else None
    size = {"width": max(0.0, width), "height": max(0.0, height)}
    return tag("rect", inner, x=x, y=y, **size, rx=radius or None, class_=class_)


def whisker(x: float, low: float, high: float, cap: float = 4.0) -> Markup:
    """An upright interval from ``low`` to ``high`` (places) at ``x``."""
    return tag(
        "path",
        d=f"M{x - cap:.2f} {low:.2f}h{2 * cap:.2f}m{-cap:.2f} 0V{high:.2f}m{-cap:.2f} 0h{2 * cap:.2f}",
        class_="whisker",
    )


def lying_whisker(y: float, low: float, high: float, cap: float = 4.0) -> Markup:
    """A lying interval from ``low`` to ``high`` (places) at ``y``."""
    return tag(
        "path",
        d=f"M{low:.2f} {y - cap:.2f}v{2 * cap:.2f}m0 {-cap:.2f}H{high:.2f}m0 {-cap:.2f}v{2 * cap:.2f}",
        class_="whisker",
    )


def rise(frame: Frame, scale: Linear, values: Sequence[float], say: Callable[[float], str]) -> list[Markup]:
    """The upright axis: a grid line and a label for each value."""
    parts = []
    for value in values:
        y = scale(value)
        parts.append(line(frame.left, y, frame.end, y, "grid"))
        parts.append(text(say(value), frame.left - 8, y + 4.2, anchor="end"))
    return parts


def ground(
    frame: Frame, places: Sequence[tuple[float, str]], name: str = "", *, bare: bool = False
) -> list[Markup]:
    """The lying axis: its line (unless ``bare``), a label at each place, and its name below."""
    parts = [] if bare else [line(frame.left, frame.floor, frame.end, frame.floor, "axis")]
    parts += [_label(frame, x, words) for x, words in places]
    if name:
        parts.append(text(name, (frame.left + frame.end) / 2, frame.floor + 35, anchor="middle"))
    return parts


def _label(frame: Frame, x: float, words: str) -> Markup:
    """A label below ``x``, or ending at the picture's edge where it would pass that."""
    over = x + LETTER * len(words) / 2 > frame.width
    return text(words, frame.width if over else x, frame.floor + 17, anchor="end" if over else "middle")


def curve(points: Sequence[tuple[float, float]], class_: str) -> Markup:
    """A line through ``points``."""
    return tag("polyline", points=" ".join(f"{x:.2f},{y:.2f}" for x, y in points), class_=f"curve {class_}")


def surface(points: Sequence[tuple[float, float]], class_: str) -> Markup:
    """The area that ``points`` go around."""
    path = "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return tag("path", d=f"M{path}Z", class_=class_)


def keys(frame: Frame, y: float, entries: Sequence[tuple[str, str]]) -> tuple[list[Markup], float]:
    """A legend of (class, words) from ``y`` on, in as many lines as it takes; and where it ends."""
    parts: list[Markup] = []
    x = frame.left
    for class_, words in entries:
        width = 18 + LETTER * len(words) + 18
        if x > frame.left and x + width - 18 > frame.end:
            x, y = frame.left, y + 20
        parts += [box(x, y - 10, 11, 11, class_), text(words, x + 17, y)]
        x += width
    return parts, y
