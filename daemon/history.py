"""The history: one JSON line for each completion and each editor's feedback, with counts and times, no text.

It is what ``paceline report`` draws. The file lies in the state directory, 0600, and is bounded: past a size
it becomes the older one of two, the older one before goes. Lines gather in memory and are written in one
piece while nobody waits. The setting ``history = false`` switches it off.
"""

import contextlib
import fcntl
import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

from .engine.records import Result
from .errors import PacelineError
from .jobs import Job
from .paths import open_private
from .protocol import MAX_K, Action, Complete, Feedback, Finish, Priority
from .schema import Choice, Int, Items, Maybe, ProtocolError, Real, Text, dump, load

MOST_BYTES = 2 << 20
"""Size at which a new file is begun."""
GATHERED = 64
"""Lines that are written even while requests wait."""
NAME, OLDER = "history.jsonl", "history.older.jsonl"

Count = Annotated[int, Int()]
Ms = Annotated[float, Real()]
Interval = Annotated[tuple[float, float, float] | None, Maybe(Items(Real(-1e15), 3, exact=True))]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Completed:
    """One completion. ``at`` and ``run``, when its engine was loaded, are seconds of the epoch.

    ``engine`` names pair, device and precision. Times are milliseconds: ``first`` (None without a text) and
    ``total`` count from the request, waiting included; ``prompt``, ``draft``, ``verify`` and ``host`` are
    parts. ``positions`` are (tested, accepted) by place in the draft. ``saved`` is what this completion saved
    and the bounds of its 95 % interval, ``saved_run`` what all of the run together did so far.
    """

    at: Ms
    run: Ms
    engine: Annotated[str, Text(512)]
    priority: Annotated[Priority, Choice(get_args(Priority))]
    finish: Annotated[Finish, Choice(get_args(Finish))]
    first: Annotated[float | None, Maybe(Real())]
    total: Ms
    prompt: Ms
    draft: Ms
    verify: Ms
    host: Ms
    drafted: Count
    tested: Count
    accepted: Count
    emitted: Count
    passes: Count
    reused: Count
    computed: Count
    positions: Annotated[tuple[tuple[int, int], ...], Items(Items(Int(), 2, exact=True), MAX_K)] = ()
    saved: Interval = None
    saved_run: Interval = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an editor did with a completion: ``characters`` of it (``of`` so many) were ``action``."""

    at: Ms
    action: Annotated[Action, Choice(get_args(Action))]
    characters: Count = 0
    of: Count = 0
    again: Annotated[int, Int(0, 1)] = 0


Line = Completed | Told


@dataclass(frozen=True, slots=True)
class Kept:
    """What a history holds, oldest first, and how many lines of it cannot be read."""

    completed: tuple[Completed, ...] = ()
    told: tuple[Told, ...] = ()
    damaged: int = 0


class History:
    """Takes lines and writes them to ``folder``; with None it keeps nothing. For one thread."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lines: list[str] = []
        self._run = 0.0

    def loaded(self) -> None:
        """An engine was loaded: what it counts begins anew."""
        self._run = time.time()

    def completed(self, job: Job, result: Result, facts: Mapping[str, Any]) -> None:
        """Note a completion of the engine that tells ``facts``; one without a target pass is none."""
        if self._folder is not None and isinstance(job.request, Complete) and result.passes:
            self._note(completed_of(job, result, facts, self._run))

    def told(self, told: Feedback) -> None:
        """Note an editor's feedback; what an answer took is not of it."""
        if self._folder is not None and told.action != "answered":
            self._note(Told(time.time(), told.action, told.characters, told.of, int(told.again)))

    def _note(self, line: Line) -> None:
        try:
            self._lines.append(json.dumps(dump(line, ""), separators=(",", ":")) + "\n")
        except ProtocolError as error:
            log.warning("a completion is left out of the history: %s", error.text)

    def flush(self, *, busy: bool = False) -> None:
        """Write what was gathered; while ``busy`` only where it is much. Trouble with the disk is logged."""
        if self._folder is None or len(self._lines) < (GATHERED if busy else 1):
            return
        lines, self._lines = self._lines, []
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            append(self._folder, "".join(lines))
        except (OSError, PacelineError) as error:
            self._folder = None
            log.warning("no history is kept from now on: %s", getattr(error, "strerror", None) or error)


def completed_of(job: Job, result: Result, facts: Mapping[str, Any], run: float) -> Completed:
    """The line of a completion; ``facts`` are its engine's, ``run`` when that was loaded."""
    ms, waited = result.ms, job.queue_ms
    pacer = facts.get("pacer")
    return Completed(
        at=round(time.time(), 3),
        run=round(run, 3),
        engine=engine_of(facts),
        priority=job.request.priority if isinstance(job.request, Complete) else "prefetch",
        finish=result.finish,
        first=round(waited + ms.first, 3) if result.text else None,
        total=round(waited + ms.total, 3),
        **{name: round(max(0.0, getattr(ms, name)), 3) for name in ("prompt", "draft", "verify", "host")},
        **{
            name: getattr(result, name)
            for name in ("drafted", "tested", "accepted", "emitted", "passes", "reused", "computed")
        },
        positions=result.by_position[:MAX_K],
        saved=_rounded(result.saved_ms),
        saved_run=_rounded(pacer.get("saved_all") if isinstance(pacer, Mapping) else None),
    )


def engine_of(facts: Mapping[str, Any]) -> str:
    """The name under which completions belong together: pair, device and precision of an engine's facts."""
    models = [model for part in ("target", "draft") if isinstance(model := facts.get(part), Mapping)]
    precision = "+".join(str(model.get("dtype", "")) for model in models)
    parts = [facts.get("pair", ""), facts.get("device", ""), precision]
    return " · ".join(str(part) for part in parts if part)[:512]


def _rounded(interval: tuple[float, ...] | list[float] | None) -> tuple[float, float, float] | None:
    if interval is None:
        return None
    ms, low, high = interval
    return round(ms, 3), round(low, 3), round(high, 3)


def append(folder: Path, text: str) -> None:
    """Put lines at the end of the history in ``folder``, beginning a new file where it has grown too long.

    Several daemons may do so at once. Raises OSError, RuntimeDirError.
    """
    lock = open_private(folder / "history.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = folder / NAME
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size + len(text) > MOST_BYTES:
                path.replace(folder / OLDER)
        file = open_private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(text)
    finally:
        os.close(lock)


def read(folder: Path) -> Kept:
    """What the history in ``folder`` holds; nothing where there is none. Raises OSError."""
    found: list[Line] = []
    damaged = 0
    for name in (OLDER, NAME):
        path = folder / name
        if not path.is_file():
            continue
        for text in path.read_bytes()[: 2 * MOST_BYTES].splitlines():
            line = _line(text)
            damaged += line is None
            found += [] if line is None else [line]
    found.sort(key=lambda line: line.at)
    completed = tuple(line for line in found if isinstance(line, Completed))
    return Kept(completed, tuple(line for line in found if isinstance(line, Told)), damaged)


def _line(text: bytes) -> Line | None:
    """What one line says, None where it is damaged."""
    try:
        values = json.loads(text)
        line: Line = load(Told if "action" in values else Completed, values, "")
    except (ValueError, TypeError, RecursionError, ProtocolError):
        return None
    return line
