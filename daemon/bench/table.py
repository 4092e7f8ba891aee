"""The bench's report as a table of at most 120 columns."""

from collections.abc import Mapping, Sequence

from .statistics import Ratio
from .summary import Figures

NOTHING = "–"
HEADS = ("", "first", "ms/tok", "tok/s", "total", "α", "τ", "×token", "× plain (95 %)", "host")
WIDTHS = (29, 7, 7, 6, 8, 5, 5, 6, 18, 5, 13)


def table(rows: Sequence[Figures], last: tuple[str, Mapping[str, str]]) -> str:
    """Heads and one line a row; times in ms, medians. ``last`` is a column: its head, its cells by row."""
    heads = (*HEADS, last[0])
    lines = [_line(heads), _line(["─" * width for width in WIDTHS])]
    for row in rows:
        lines.append(_line([*_cells(row), last[1].get(row.name, NOTHING)]))
    return "\n".join(lines) + "\n"


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
    ]


def same(row: Figures) -> str:
    """How much of a row's output is the reference's, and how many of its completions wholly."""
    return f"{row.equal:.0%} {row.whole}/{row.prompts}"


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"


def _line(cells: Sequence[str]) -> str:
    """The first column to the left, the others to the right."""
    first, *others = (cell[:width] for cell, width in zip(cells, WIDTHS, strict=True))
    rest = (cell.rjust(width) for cell, width in zip(others, WIDTHS[1:], strict=True))
    return " ".join([first.ljust(WIDTHS[0]), *rest]).rstrip()
