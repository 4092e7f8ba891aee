"""From what happened to figures: a column for each file and one for all, as a table and as JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ..statistics import quantile
from .daemon import Job
from .replay import Asked, Take
from .score import Worth

NOTHING = "–"
NAME_WIDTH = 28


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted and measured, all of it so that two of them can be added; times in milliseconds.

    ``first``: from the daemon being asked, which is after the debounce, to the suggestion at the editor, of
    all that were shown and not known before. ``answer``: from the editor's request, the debounce included, of
    all shown. ``idle``: from a cancel to the daemon's being idle. ``jobs``: requests to the daemon, whose
    ``counters`` have its own names; ``kept`` are the tokens of the characters saved. ``right``: offers whose
    first line was then typed.
    """

    keys: int
    seconds: float
    requests: int
    cancelled: int
    shown: int
    jobs: int
    first: list[float]
    answer: list[float]
    idle: list[float]
    counters: Counter[str]
    kept: int
    written: int
    saved: int
    offers: int
    right: int

    def __add__(self, other: "Figures") -> "Figures":
        """Return the figures of both together."""
        return Figures(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


def figures_of(
    take: Take, worth: Worth, *, counters: Mapping[str, int], idle: list[float], kept: int, written: int
) -> Figures:
    """Return the figures of one passage. ``counters`` are the daemon's, of this passage alone."""
    shown = [asked for asked in take.asked if asked.shown]
    served = [(asked, job) for asked in shown if (job := job_of(asked, take.jobs)) is not None]
    return Figures(
        keys=take.keys,
        seconds=take.seconds,
        requests=len(take.asked),
        cancelled=sum(asked.cancelled for asked in take.asked),
        shown=len(shown),
        jobs=len(take.jobs),
        first=[1000 * (asked.answered - job.came) for asked, job in served],
        answer=[1000 * (asked.answered - asked.sent) for asked in shown],
        idle=idle,
        counters=Counter(counters),
        kept=kept,
        written=written,
        saved=worth.saved,
        offers=worth.offers,
        right=worth.right,
    )


def job_of(asked: Asked, jobs: Sequence[Job]) -> Job | None:
    """Return the daemon's last job that came between a request and its answer; None where there is none."""
    between = [job for job in jobs if asked.sent <= job.came <= asked.answered]
    return max(between, key=lambda job: job.came, default=None)


def as_map(figures: Figures) -> dict[str, Any]:
    """Return the figures by the names that the JSON has; None where there is nothing to tell.

    Known before: answered by the server from what it had shown (cache), from a request under way (carried)
    or made in advance (prefetch). Wasted: tokens of cancelled and of unused advance requests. Saved tokens
    are those of the saved characters.
    """
    c = figures.counters
    wasted = c["emitted.cancelled"] + max(0, c["emitted.prefetched"] - c["emitted.prefetched.used"])
    return {
        "keys": figures.keys,
        "seconds": round(figures.seconds, 1),
        "requests": figures.requests,
        "cancelled": figures.cancelled,
        "shown": figures.shown,
        "asked_of_daemon": figures.jobs,
        "known_before": {name: c[f"feedback.answered.{name}"] for name in ("cache", "carried", "prefetch")},
        "first_text_ms": _spread(figures.first),
        "answer_ms": _spread(figures.answer),
        "cancel_to_idle_ms": _spread(figures.idle),
        "prompt_tokens": {
            "reused": c["reused"],
            "computed": c["computed"],
            "reused_share": _share(c["reused"], c["reused"] + c["computed"]),
        },
        "tokens": {
            "generated": c["emitted"],
            "wasted": wasted,
            "wasted_share": _share(wasted, c["emitted"]),
            "saved": figures.kept,
        },
        "characters": {
            "written": figures.written,
            "saved": figures.saved,
            "saved_share": _share(figures.saved, figures.written),
        },
        "offers": figures.offers,
        "first_line_right": figures.right,
    }


def table(columns: Mapping[str, Figures]) -> str:
    """Return a line for each figure and a column for each name in ``columns``."""
    cells = [list(_cells(as_map(figures)).values()) for figures in columns.values()]
    names = list(_cells(as_map(next(iter(columns.values())))))
    widths = [max(map(len, [name, *column])) for name, column in zip(columns, cells, strict=True)]
    lines = [_line("", columns, widths)]
    lines += [_line(name, row, widths) for name, row in zip(names, zip(*cells, strict=True), strict=True)]
    return "".join(lines)


def _cells(values: Mapping[str, Any]) -> dict[str, str]:
    prompt, tokens, characters = values["prompt_tokens"], values["tokens"], values["characters"]
    return {
        "keys · seconds": f"{values['keys']} · {values['seconds']:.0f}",
        "requests · cancelled": f"{values['requests']} · {values['cancelled']}",
        "shown · asked of the daemon": f"{values['shown']} · {values['asked_of_daemon']}",
        "cache hits · carried · ahead": " · ".join(map(str, values["known_before"].values())),
        "first text ms, p50 · p95": _pair(values["first_text_ms"]),
        "with debounce ms, p50 · p95": _pair(values["answer_ms"]),
        "cancel to idle ms, p50 · p95": _pair(values["cancel_to_idle_ms"]),
        "prompt reused · computed": f"{prompt['reused']} · {prompt['computed']}",
        "prompt tokens reused": _percent(prompt["reused_share"]),
        "tokens generated · wasted": f"{tokens['generated']} · {tokens['wasted']}",
        "tokens wasted": _percent(tokens["wasted_share"]),
        "characters written · saved": f"{characters['written']} · {characters['saved']}",
        "characters saved": _percent(characters["saved_share"]),
        "first line right, of offers": f"{values['first_line_right']} of {values['offers']}",
    }


def _line(name: str, cells: "Sequence[str] | Mapping[str, Any]", widths: Sequence[int]) -> str:
    row = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return f"{name:<{NAME_WIDTH}}  {row}\n"


def _spread(values: Sequence[float]) -> dict[str, float | int] | None:
    if not values:
        return None
    return {
        "count": len(values),
        "p50": round(quantile(values, 0.50), 1),
        "p95": round(quantile(values, 0.95), 1),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _pair(spread: Mapping[str, float] | None) -> str:
    return NOTHING if spread is None else f"{spread['p50']:.0f} · {spread['p95']:.0f}"


def _percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.0%}"
