"""From what is kept and what the daemon tells to the report's records."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ... import __version__
from ..history import Completed, engine_of, read
from ..protocol import Status
from ..settings import Settings, engine_key
from . import data
from .speed import Speed, path_of, recall
from .verdicts import newest_verdict


def gather(settings: Settings, folder: Path, status: Status | None, speed_missing: str = "") -> data.Report:
    """Everything known in the state directory ``folder`` and from a running daemon's ``status``.

    ``speed_missing`` is why nothing was measured just now. Raises OSError.
    """
    kept = read(folder)
    speed = recall(path_of(folder, engine_key(settings)))
    engine = _engine(status, speed, kept.completed)
    lines = tuple(line for line in kept.completed if line.engine == engine)
    return data.Report(
        version=__version__,
        made=time.time(),
        engine=engine,
        history=settings.history,
        completions=len(lines),
        others=len(kept.completed) - len(lines),
        damaged=kept.damaged,
        since=lines[0].at if lines else None,
        until=lines[-1].at if lines else None,
        live=None if status is None else _live(status),
        guessing=data.guessing(lines),
        parts=data.parts(lines),
        first=data.first_text(lines),
        savings=data.savings(lines),
        reuse=data.reuse(lines),
        editors=data.editors(kept.told),
        speed=speed,
        speed_missing=speed_missing,
        drafts=newest_verdict(folder, settings),
    )


def _engine(status: Status | None, speed: Speed | None, lines: tuple[Completed, ...]) -> str:
    """Whose completions count: the daemon's, else those of what was measured, else the last ones'."""
    if status is not None and status.engine:
        return engine_of(status.engine)
    if speed is not None:
        return speed.engine
    return lines[-1].engine if lines else ""


def _live(status: Status) -> data.Live:
    facts: Mapping[str, Any] = status.engine
    pacer = facts.get("pacer")
    loss = pacer.get("loss") if isinstance(pacer, Mapping) else None
    evaluation = facts.get("evaluation")
    return data.Live(status.state, status.uptime_s, str(facts.get("step", "")), loss, evaluation)
