"""What the report shows, as plain records; ``--json`` prints just these. Times are milliseconds."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ..bench.statistics import quantile
from ..history import Completed, Told
from .scales import histogram
from .speed import Speed

NORMAL = 1.96
MOST_POINTS = 160
EDGES = tuple(
    float(f"{step * 10.0**power:.3g}") for power in range(-1, 5) for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
)
"""Milliseconds between which times are counted: each about half as much again as the one before."""
REUSE_BINS = 10


@dataclass(frozen=True, slots=True)
class Share:
    """A share and its 95 % interval (Wilson 1927)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Position:
    """The n-th guessed token of a round: how often it was tested, how often of these accepted."""

    tested: int
    accepted: int
    share: Share


@dataclass(frozen=True, slots=True)
class Guessing:
    """Counts over completions (DESIGN §1); ``alpha`` accepted / tested, ``tau`` emitted / passes.

    ``per_pass`` are the drafted and ``kept`` the accepted tokens of a pass.
    """

    drafted: int
    tested: int
    accepted: int
    emitted: int
    passes: int
    alpha: float | None
    tau: float
    per_pass: float
    kept: float
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """Mean times of a round's drafting, verifying and the rest, and of a completion's reading the prompt.

    ``rounds`` is the mean number of rounds of a completion.
    """

    draft: float
    verify: float
    host: float
    prompt: float
    rounds: float


@dataclass(frozen=True, slots=True)
class FirstText:
    """Times from a request to its first text; ``bins[i]`` of them lie from ``edges[i]`` to the next edge.

    The first bin has all that is shorter too, the last one all that is longer.
    """

    count: int
    p50: float
    p95: float
    edges: tuple[float, ...]
    bins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """Saved so far at ``at`` (seconds of the epoch) after so many completions, with its 95 % interval."""

    at: float
    completions: int
    ms: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reuse:
    """Prompt tokens taken from the cache and computed; ``bins`` counts completions by their reused share."""

    reused: int
    computed: int
    share: float
    bins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Editors:
    """What editors made of completions; ``taken`` ones were accepted wholly or in part.

    Of ``followed`` accepted characters, ``retained`` were still there half a minute later.
    """

    shown: int
    taken: int
    dismissed: int
    characters: int
    retained: int
    followed: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to guess, as ``paceline draft evaluate`` measured it: ``ms`` of a character.

    ``speed_up``, with its 95 % interval, is against plain decoding at the same places, ``predicted`` the same
    by the formula. ``chosen`` is what the verdict advises, ``usual`` what the settings asked for.
    """

    name: str
    ms: float
    speed_up: float
    low: float
    high: float
    predicted: float | None
    acceptance: float | None
    chosen: bool = False
    usual: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Drafts:
    """The verdict of ``paceline draft evaluate``: when, at how many places of which folder, its words.

    ``candidates`` are in the order of time.
    """

    at: float
    places: int
    folder: str
    words: tuple[str, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Live:
    """The running daemon: its ``state``, seconds ``up``, kind of ``steps``, the reason where it loses.

    ``evaluation`` says why ways to guess should be compared (again), if they should.
    """

    state: str
    up: float
    steps: str
    loss: str | None
    evaluation: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on the page; None where nothing is known yet.

    ``made``, ``since`` and ``until`` are seconds of the epoch. ``others`` are completions of other models,
    which are left out, ``damaged`` lines of the history that cannot be read; ``history`` tells whether it is
    kept.
    """

    version: str
    made: float
    engine: str
    history: bool
    completions: int
    others: int = 0
    damaged: int = 0
    since: float | None = None
    until: float | None = None
    live: Live | None = None
    guessing: Guessing | None = None
    parts: Parts | None = None
    first: FirstText | None = None
    savings: tuple[Saved, ...] = ()
    reuse: Reuse | None = None
    editors: Editors | None = None
    speed: Speed | None = None
    speed_missing: str = ""
    drafts: Drafts | None = None


def share(part: int, whole: int) -> Share:
    """``part`` of ``whole`` with its Wilson interval. ZeroDivisionError without a whole."""
    value = part / whole
    z = NORMAL**2 / whole
    middle = (value + z / 2) / (1 + z)
    half = NORMAL * (value * (1 - value) / whole + z / (4 * whole)) ** 0.5 / (1 + z)
    return Share(value, max(0.0, middle - half), min(1.0, middle + half))


def guessing(lines: Sequence[Completed]) -> Guessing | None:
    """What was guessed, tested and accepted; None without a pass."""
    drafted, tested, accepted, emitted, passes = (
        sum(getattr(line, name) for line in lines)
        for name in ("drafted", "tested", "accepted", "emitted", "passes")
    )
    if not passes:
        return None
    return Guessing(
        drafted=drafted,
        tested=tested,
        accepted=accepted,
        emitted=emitted,
        passes=passes,
        alpha=accepted / tested if tested else None,
        tau=emitted / passes,
        per_pass=drafted / passes,
        kept=accepted / passes,
        positions=_positions(lines),
    )


def _positions(lines: Sequence[Completed]) -> tuple[Position, ...]:
    counts: list[list[int]] = []
    for line in lines:
        counts.extend([0, 0] for _ in range(len(line.positions) - len(counts)))
        for place, (tested, accepted) in enumerate(line.positions):
            counts[place][0] += tested
            counts[place][1] += min(accepted, tested)
    return tuple(Position(tested, kept, share(kept, tested)) for tested, kept in counts if tested)


def parts(lines: Sequence[Completed]) -> Parts | None:
    """Mean times by part; None without completions.

    The first pass of a completion belongs to its prompt, so a round's verifying is over the passes after it.
    """
    passes = sum(line.passes for line in lines)
    if not passes:
        return None
    count = len(lines)
    return Parts(
        draft=sum(line.draft for line in lines) / passes,
        verify=sum(line.verify for line in lines) / max(1, passes - count),
        host=sum(line.host for line in lines) / passes,
        prompt=sum(line.prompt for line in lines) / count,
        rounds=passes / count,
    )


def first_text(lines: Sequence[Completed]) -> FirstText | None:
    """When the first text came, where somebody waited for it; None without any."""
    times = [line.first for line in lines if line.first is not None and line.priority == "visible"]
    if not times:
        return None
    places = [min(len(EDGES) - 2, max(0, bisect_right(EDGES, time) - 1)) for time in times]
    first, last = min(places), max(places)
    bins = tuple(places.count(place) for place in range(first, last + 1))
    return FirstText(len(times), quantile(times, 0.5), quantile(times, 0.95), EDGES[first : last + 2], bins)


def savings(lines: Sequence[Completed]) -> tuple[Saved, ...]:
    """What was saved altogether after each completion that tells, at most ``MOST_POINTS`` of them.

    Each run of an engine measures its own baseline, so the intervals of runs are independent: half-widths add
    up by their squares. Within a run the pacer's own interval holds.
    """
    runs: dict[float, tuple[float, float, float]] = {}
    points = []
    for count, line in enumerate(lines, 1):
        if line.saved_run is not None:
            runs[line.run] = line.saved_run
            ms = sum(run[0] for run in runs.values())
            half = sum(((run[2] - run[1]) / 2) ** 2 for run in runs.values()) ** 0.5
            points.append(Saved(line.at, count, ms, ms - half, ms + half))
    every = -(-len(points) // MOST_POINTS) or 1
    kept = points[::-1][::every][::-1]
    return tuple(points[:1] + kept if kept and kept[0] != points[0] else kept)


def reuse(lines: Sequence[Completed]) -> Reuse | None:
    """How much of prompts came from the cache; None without completions."""
    reused, computed = sum(line.reused for line in lines), sum(line.computed for line in lines)
    if not reused + computed:
        return None
    shares = [line.reused / (line.reused + line.computed) for line in lines if line.reused + line.computed]
    bins = tuple(histogram(shares, 0.0, 1 / REUSE_BINS, REUSE_BINS))
    return Reuse(reused, computed, reused / (reused + computed), bins)


def editors(told: Sequence[Told]) -> Editors | None:
    """What editors told; None where they told nothing."""
    if not told:
        return None
    takes = [line for line in told if line.action in ("accepted", "partly_accepted")]
    kept = [line for line in told if line.action == "retained"]
    return Editors(
        shown=sum(line.action == "shown" for line in told),
        taken=sum(not line.again for line in takes),
        dismissed=sum(line.action == "dismissed" for line in told),
        characters=sum(line.characters for line in takes),
        retained=sum(min(line.characters, line.of) for line in kept),
        followed=sum(line.of for line in kept),
    )
