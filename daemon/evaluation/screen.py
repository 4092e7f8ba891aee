"""A verdict as text of at most 120 columns: a table of candidates, then what it says in words."""

import textwrap
from collections.abc import Sequence

from ..bench.table import ratio
from .verdict import Outcome, Verdict

WIDTH = 118
NOTHING = "–"
ONCE = " *"
HEADS = ("", "ms/char", "× plain (95 %)", "formula", "α", "τ", "c", "v(k)", "memory")
CELLS = (41, 7, 17, 7, 5, 5, 5, 5, 9)
METHOD = (
    "Every candidate completes at the same places as a request is served, greedily and with the engine's "
    "own stop rules, each prompt read from the beginning; candidates take turns. The least time of "
    "several runs counts; what is marked * was far behind at once and ran once. ms/char is the time of "
    "all completions over all their characters; × plain compares it at the same places (bootstrap over "
    "places). formula: what (1-α^(k+1))/(1-α), c and v(k), measured alone, promise for the same "
    "completions with their prompts. α accepted / tested, τ tokens a target pass, c a draft step and v(k) "
    "a verify of k drafted tokens, in plain steps; memory: weights and one prompt."
)


def text(verdict: Verdict) -> str:
    """The verdict for a person."""
    recent = f", {verdict.recent} of them from recent commits" if verdict.recent else ""
    head = f"{verdict.places} places in {verdict.folder}{recent}; {_machine(verdict)}"
    most = max(one.runs for one in verdict.outcomes)
    rows = [_line(HEADS), _line(["─" * width for width in CELLS])]
    rows += [_row(one, ONCE if one.runs < most else "") for one in verdict.outcomes]
    refused = [f"{name} was not measured: {reason}" for name, reason in verdict.refused.items()]
    warning = [f"warning: {verdict.warning}"] if verdict.warning else []
    parts = [
        *_wrapped([head]),
        "",
        *rows,
        "",
        *_wrapped([*verdict.words, *refused, *warning]),
        "",
        *_wrapped([METHOD]),
    ]
    return "\n".join(parts) + "\n"


def _machine(verdict: Verdict) -> str:
    facts = verdict.hardware
    where = facts.get("gpu") or f"{facts['cpu']}, {facts['threads']} threads"
    return f"{where}, target {verdict.fit.precision}"


def _wrapped(sentences: Sequence[str]) -> list[str]:
    return [
        line
        for sentence in sentences
        for line in textwrap.wrap(sentence, WIDTH, break_long_words=False, break_on_hyphens=False)
    ]


def _row(outcome: Outcome, mark: str) -> str:
    promise = outcome.promise
    cells = [
        outcome.name + mark,
        f"{outcome.ms.value:.3f}",
        ratio(outcome.faster),
        _number(promise.whole if promise else None),
        _number(outcome.acceptance),
        _number(outcome.per_pass),
        _number(promise.draft_step if promise else None),
        _number(promise.verify if promise else None),
        f"{outcome.memory / 2**20:.0f} MiB",
    ]
    return _line(cells)


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"


def _line(cells: Sequence[str]) -> str:
    """The first column to the left, cut at its beginning where it is too long; the others to the right."""
    name = cells[0] if len(cells[0]) <= CELLS[0] else "…" + cells[0][1 - CELLS[0] :]
    rest = (cell.rjust(width) for cell, width in zip(cells[1:], CELLS[1:], strict=True))
    return " ".join([name.ljust(CELLS[0]), *rest]).rstrip()
