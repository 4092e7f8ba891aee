"""Outcomes made up for tests."""

from ....daemon.bench.statistics import Ratio
from ....daemon.evaluation.verdict import Outcome, Promise

PLAIN_MS = 2.0


def ratio(value: float, width: float = 0.02) -> Ratio:
    """A ratio with an interval of that part to either side."""
    return Ratio(value * (1 - width), value, value * (1 + width))


def outcome(
    name: str,
    ms: float,
    *,
    best: float = 1.0,
    promised: float | None = None,
    verify: float = 1.2,
    width: float = 0.02,
) -> Outcome:
    """What a candidate of that name took; the fastest one takes ``best`` ms a character."""
    words = name.replace(",", "").split()
    kind = "pacer" if "pacer" in words else words[0] if words[0] in ("plain", "lookup") else "draft"
    has_draft = kind in ("draft", "pacer") and words[0] != "no"
    return Outcome(
        name=name,
        kind=kind,
        draft=words[0] if has_draft else None,
        directory=f"/models/{words[0]}" if has_draft else None,
        precision=words[1] if has_draft else None,
        k=int(words[-1]) if words[-1].isdigit() else None,
        ms=ratio(ms, width),
        faster=ratio(PLAIN_MS / ms, width),
        behind=ratio(ms / best, width if ms != best else 0.0),
        promise=None if promised is None else Promise(promised, promised, 0.1, verify),
        acceptance=0.5 if has_draft else None,
        per_pass=1.5,
        memory=100 << 20,
        runs=1,
    )
