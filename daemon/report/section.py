"""A section of the page: what it asks and says, its plot and table, and how it becomes HTML."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from . import words
from .data import Report
from .figure import NARROW, WIDE
from .markup import Markup, join, tag

Row = Sequence[str]
WIDTHS = (("wide", WIDE), ("narrow", NARROW))
INTERVAL = f"95{words.BOUND}% interval"


@dataclass(frozen=True, slots=True)
class Section:
    """One card: ``says`` are paragraphs with the person's figures, ``look`` what to see in the plot.

    Without a ``plot`` nothing is known: ``missing`` leads up to the command to ``run``.
    """

    key: str
    asks: str
    says: Sequence[str]
    look: str = ""
    plot: Callable[[float], Markup] | None = None
    heads: Row = ()
    rows: Sequence[Row] = field(default=())
    missing: str = ""
    run: str = ""


def unused(report: Report, key: str, asks: str, would: str) -> Section:
    """The section ``key`` where no completion is known: what it ``would`` show."""
    missing = "Complete something first: in your editor, or with"
    if not report.history:
        missing = "The history is switched off: set history = true in your settings, then"
    return Section(key, asks, (would,), missing=missing, run="paceline complete FILE:LINE")


def between(low: str, high: str) -> str:
    """Two bounds in words."""
    return f"{low} and {high}"


def interval(low: str, high: str) -> str:
    """Two bounds in a table, their unit said once where it is the same."""
    unit = low.lstrip("−0123456789.,")
    return f"{low.removesuffix(unit) if unit and high.endswith(unit) else low} to {high}"


def maybe(value: float | None, say: Callable[[float], str]) -> str:
    """A value, or a dash where there is none."""
    return "–" if value is None else say(value)


def card(section: Section) -> Markup:
    """The section as HTML, its plot once for each width."""
    first = {0: "says"}
    told = [tag("p", words.bound(line), class_=first.get(at)) for at, line in enumerate(section.says) if line]
    side = tag("div", tag("h2", section.asks, id=f"{section.key}-asks"), *told, class_="words")
    inside = _missing(section) if section.plot is None else _figure(section, section.plot)
    return tag("section", side, inside, class_="card", id=section.key, aria_labelledby=f"{section.key}-asks")


def _missing(section: Section) -> Markup:
    strong = tag("strong", "Not measured yet")
    return tag("div", strong, section.missing, " ", tag("code", section.run), class_="missing")


def _figure(section: Section, plot: Callable[[float], Markup]) -> Markup:
    drawn = [tag("div", plot(width), class_=class_) for class_, width in WIDTHS]
    look = section.look if isinstance(section.look, Markup) else words.bound(section.look)
    return tag("figure", *drawn, tag("figcaption", look), _table(section))


def _table(section: Section) -> Markup:
    head = tag("tr", *(tag("th", name, scope="col") for name in section.heads))
    rows = [
        tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in rest))
        for first, *rest in section.rows
    ]
    inner = tag("table", tag("thead", head), tag("tbody", join(rows)))
    label = f"{section.asks} The figures as a table"
    scroll = tag("div", inner, class_="scroll", tabindex="0", role="region", aria_label=label)
    return tag("details", tag("summary", "The figures as a table"), scroll)
