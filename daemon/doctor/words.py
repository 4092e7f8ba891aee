"""The doctor's findings and figures as text of at most 80 columns. No torch."""

import textwrap
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .finding import Finding, State, counted

if TYPE_CHECKING:
    from .selfcheck import SelfCheck
    from .verdict import Way

WIDTH = 80
MARKS: dict[State, str] = {"ok": "ok", "remark": "remark", "wrong": "WRONG"}
MARK, TOPIC = 7, 10  # columns, the space after them included
HEADS = ("", "ms", "saved ms (95 %)", "saved", "α", "τ")
WIDTHS = (20, 8, 26, 7, 6, 6)
NOTHING = "–"

Paint = Callable[[State, str], str]


def line(finding: Finding, paint: Paint) -> str:
    """One finding; a step stands below it behind an arrow. ``paint`` colours its mark."""
    room = WIDTH - MARK - TOPIC
    below = " " * (MARK + TOPIC)
    parts = _wrapped(finding.text, room) + _wrapped(f"→ {finding.step}" if finding.step else "", room)
    mark = paint(finding.state, MARKS[finding.state]) + " " * (MARK - len(MARKS[finding.state]))
    return f"{mark}{finding.topic:<{TOPIC}}" + f"\n{below}".join(parts) + "\n"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def summary(findings: Iterable[Finding]) -> str:
    """How many findings there are of each kind."""
    states = [finding.state for finding in findings]
    parts = [
        f"{states.count('wrong') or 'nothing'} wrong",
        counted(states.count("remark"), "remark"),
        f"{states.count('ok')} ok",
    ]
    return ", ".join(parts) + "\n"


def figures(found: "SelfCheck") -> str:
    """What was replayed on what, and every way's figures."""
    head = (
        f"Self-check: {found.prompts} places in {found.source}, {found.tokens} tokens written after each, "
        f"{counted(found.runs, 'run')} of each way at most; {_engine(found.engine)}"
    )
    rows = [_row(HEADS), *(_row(_cells(way)) for way in found.ways)]
    return "\n".join(["", *_wrapped(head, WIDTH), "", *rows, "", ""])


def _engine(facts: dict[str, object]) -> str:
    target = facts["target"]
    kind = target["dtype"] if isinstance(target, dict) else NOTHING
    step = str(facts["step"]).partition(":")[0]
    return f"{facts['pair']} on {facts['device']} in {kind}, steps {step}"


def _cells(way: "Way") -> tuple[str, ...]:
    saved, share = NOTHING, NOTHING
    if way.saved is not None:
        ms = way.saved.ms
        saved = f"{ms.value:.1f} ({ms.low:.1f} to {ms.high:.1f})"
        share = f"{way.saved.part.value:.0%}"
    alpha = NOTHING if way.acceptance is None else f"{way.acceptance:.2f}"
    return way.label, f"{way.ms:.1f}", saved, share, alpha, f"{way.per_pass:.2f}"


def _row(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, WIDTHS, strict=True)
    return f"{first[0]:<{first[1]}}" + " ".join(cell.rjust(width - 1) for cell, width in others)
