"""Starting and asking a daemon: how soon it answers, how soon it is at full speed, what its socket costs."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ... import __version__
from ..client import Client
from ..protocol import Complete
from ..settings import Settings, load_settings
from . import hardware
from .schedule import Tell
from .statistics import Spread, spread

STARTS = 2
TRIPS = 300
ANSWERS = 60
COMPILING = "compiling"  # how an engine's facts begin while steps are being compiled
COMPILE_SECONDS = 120.0
POLL_SECONDS = 0.2
PREFIX = "def mean(values):\n    total = 0\n    for value in values:\n        total += value\n    return "


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in seconds from asking for a daemon: its first answer, and the end of compiling.

    ``step`` is what the engine says of its steps then.
    """

    answered: float
    settled: float
    step: str


@dataclass(frozen=True, slots=True)
class ServingReport:
    """All that was measured, and on what; ``hello`` and ``around`` in milliseconds.

    ``hello`` is a round trip that no model has part in, ``around`` what a completion takes for the client
    beyond the time that the daemon counts from its arrival to its end.
    """

    paceline: str
    engine: dict[str, Any]
    hardware: dict[str, object]
    others: float | None
    warning: str | None
    starts: tuple[Start, ...]
    hello: Spread
    around: Spread


def measure_serving(overrides: Mapping[str, Any], tell: Tell) -> ServingReport:
    """Start a daemon of our own twice and ask it; ``overrides`` are its settings. Raises PacelineError."""
    before = hardware.now()
    starts: list[Start] = []
    for number in range(STARTS):
        tell(f"start {number + 1}", number / STARTS)
        with _own_settings(overrides) as settings:
            asked = time.monotonic()
            with _daemon(settings) as client:
                starts.append(_start(client, asked))
                if number + 1 == STARTS:
                    hello = [_hello(client) for _ in range(TRIPS)]
                    around = [_around(client, index) for index in range(ANSWERS)]
                    engine = dict(client.status().engine)
    share = hardware.others(before, hardware.now())
    return ServingReport(
        paceline=__version__,
        engine=engine,
        hardware=hardware.describe(torch.device(engine["device"])),
        others=share,
        warning=hardware.warning(share),
        starts=tuple(starts),
        hello=spread(hello),
        around=spread(around),
    )


@contextlib.contextmanager
def _own_settings(overrides: Mapping[str, Any]) -> Iterator[Settings]:
    """Settings of a daemon that nobody else uses."""
    folder = tempfile.mkdtemp(prefix="pl-")
    try:
        yield load_settings({**overrides, "runtime_dir": folder})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _daemon(settings: Settings) -> Iterator[Client]:
    """Start it and end it."""
    with Client.connect(settings) as client:
        try:
            yield client
        finally:
            client.stop()


def _start(client: Client, asked: float) -> Start:
    """Ask until the steps are no longer being compiled; a daemon tells how they stand after each job."""
    client.complete(_request(""))
    answered = time.monotonic() - asked
    step = str(client.status().engine["step"])
    while step.startswith(COMPILING) and time.monotonic() - asked < COMPILE_SECONDS:
        time.sleep(POLL_SECONDS)
        client.complete(_request("t"))
        step = str(client.status().engine["step"])
    return Start(answered, time.monotonic() - asked, step)


def _request(extra: str) -> Complete:
    return Complete("mean.py", PREFIX + extra, "\n", max_tokens=8)


def _hello(client: Client) -> float:
    started = time.perf_counter()
    client.hello()
    return 1000.0 * (time.perf_counter() - started)


def _around(client: Client, index: int) -> float:
    started = time.perf_counter()
    done = client.complete(_request("tv"[index % 2]))
    return 1000.0 * (time.perf_counter() - started) - done.ms.queue - done.ms.total


def text(report: ServingReport) -> str:
    """The report for a person."""
    lines = [
        f"paceline {report.paceline}, {report.engine['pair']} on {report.engine['device']}",
        f"{report.hardware['cpu']}, {report.hardware['cores']} cores",
    ]
    lines += [
        f"start {number}: first answer after {start.answered:.2f} s; after {start.settled:.2f} s {start.step}"
        for number, start in enumerate(report.starts, 1)
    ]
    lines += [
        f"client to daemon and back without a model: {_spread(report.hello)} ms",
        f"a completion's time outside the daemon's own count: {_spread(report.around)} ms",
    ]
    if report.warning:
        lines.append(f"warning: {report.warning}")
    return "\n".join(lines) + "\n"


def _spread(value: Spread) -> str:
    return f"{value.median:.3f} (quartiles {value.low:.3f}–{value.high:.3f})"
