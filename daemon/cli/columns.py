"""Tables and lists of facts in plain text, as wide as what they hold."""

from collections.abc import Sequence

UNKNOWN = "not known"
NOTHING = "–"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """Heads, a line, the rows; each column as wide as its widest cell, those of ``right`` to the right."""
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    lines = [heads, ["─" * width for width in widths], *rows]
    return "".join(_line(cells, widths, right) + "\n" for cells in lines)


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """One line a fact, its name before it; a line with an empty name goes on with the one above."""
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:<{width}}  {value}".rstrip() + "\n" for name, value in rows)


def gib(count: int) -> str:
    """Bytes in GiB, two digits after the point below ten."""
    return f"{count / 2**30:.2f}" if count < 10 << 30 else f"{count / 2**30:.1f}"


def size(count: int) -> str:
    """Bytes of memory with their unit."""
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


def billions(count: int, *, exact: bool = True) -> str:
    """A number of weights, three digits long."""
    scale, unit = (1e9, "B") if count >= 999.5e6 else (1e6, "M")
    value = count / scale
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{'' if exact else '≈'}{value:.{digits}f} {unit}"


def _line(cells: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    aligned = (
        cell.rjust(width) if column in right else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(aligned).rstrip()
