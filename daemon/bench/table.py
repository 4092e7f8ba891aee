"""The bench's report as a table of at most 120 columns."""

from collections.abc import Sequence

from .statistics import Ratio
from .summary import Figures

NOTHING = "–"
HEADS = (
    "",
    "first",
    "ms/tok",
    "tok/s",
    "total",
    "α",
    "τ",
    "×token",
    "× plain (95 %)",
    "host",
    "same as plain",
)
WIDTHS = (29, 7, 7, 6, 8, 5, 5, 6, 18, 5, 13)


def table(rows: Sequence[Figures]) -> str:
    """Heads and one line a row; times in ms, medians."""
    lines = [_line(HEADS), _line(["─" * width for width in WIDTHS])]
    return "\n".join([*lines, *(_line(_cells(row)) for row in rows)]) + "\n"


def ratio(value: Ratio) -> str:
    """A ratio with its interval."""
    return f"{value.value:.2f} ({value.low:.2f}–{value.high:.2f})"


def _cells(row: Figures) -> list[str]:
    return [
        row.label,
        f"{row.first.median:.1f}",
        _number(row.per_token.median if row.per_token else None, 2),
        _number(row.per_second, 0),
        f"{row.total.median:.1f}",
        _number(row.acceptance, 2),
        _number(row.per_pass, 2),
        _number(row.faster_token.value if row.faster_token else None, 2),
        ratio(row.faster),
        _number(row.host, 2),
        f"{row.equal:.0%} {row.whole}/{row.prompts}",
    ]


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"


def _line(cells: Sequence[str]) -> str:
    """The first column to the left, the others to the right."""
    first, *others = (cell[:width] for cell, width in zip(cells, WIDTHS, strict=True))
    rest = (cell.rjust(width) for cell, width in zip(others, WIDTHS[1:], strict=True))
    return " ".join([first.ljust(WIDTHS[0]), *rest]).rstrip()
