"""The verb ``status``: one screen of the daemon's state, or the same as JSON."""

import argparse
import json
import sys
from contextlib import closing

from ..client import Client
from ..errors import DaemonNotRunning
from ..protocol import Rates, Status, as_map
from ..settings import load_settings
from .options import overrides
from .terminal import describe_engine

NOT_YET = "–"


def run(arguments: argparse.Namespace) -> int:
    """Print the state of the daemon; the exit status is 1 where none runs. Raises PacelineError."""
    settings = load_settings(overrides(arguments))
    try:
        client = Client.connect(settings, spawn=False)
    except DaemonNotRunning as error:
        sys.stdout.write('{"running": false}\n' if arguments.json else f"{error.text}\n")
        return 1
    with closing(client):
        status = client.status()
    if arguments.json:
        sys.stdout.write(json.dumps({"running": True, **as_map(status)}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(screen(status))
    return 0


def screen(status: Status) -> str:
    """Return the state as aligned lines: daemon, models, memory, requests, speculation, times, log."""
    rates = status.rates
    rows = [
        ("daemon", f"{_state(status)} · process {status.pid} · up {_duration(status.uptime_s)}"),
        ("models", describe_engine(status.engine) or NOT_YET),
        ("memory", f"{_size(status.rss_bytes)} resident" + _memory(status)),
        ("requests", _requests(status)),
        ("drafting", f"α {_share(rates.alpha)} · draft efficiency {_share(rates.draft_efficiency)}"),
        (
            "τ",
            f"{_number(rates.tau, 2)} measured · {_number(rates.tau_model, 2)} from α and k by the formula",
        ),
        ("speed", f"{_number(rates.tokens_per_second, 0)} tokens/s"),
        ("first text", _times(rates)),
        ("log", status.log),
    ]
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:<{width}}  {value}\n" for name, value in rows)


def _state(status: Status) -> str:
    if status.state == "loading":
        return f"loading, {status.fraction:.0%} {status.stage}".rstrip()
    return f"{status.state}: {status.reason}" if status.reason else status.state


def _requests(status: Status) -> str:
    counts = [f"{count} {name}" for name, count in status.outcomes.items()]
    return " · ".join([*counts, f"{status.queued} waiting"])


def _memory(status: Status) -> str:
    """The parts of the engine's memory, as far as it tells them in bytes."""
    parts = status.engine.get("memory")
    if not isinstance(parts, dict):
        return ""
    return "".join(f" · {name} {_size(value)}" for name, value in parts.items() if isinstance(value, int))


def _times(rates: Rates) -> str:
    first = f"p50 {_number(rates.first_p50, 0)} ms · p95 {_number(rates.first_p95, 0)} ms"
    return (
        f"{first} · of it waiting p50 {_number(rates.queue_p50, 0)} ms · p95 {_number(rates.queue_p95, 0)} ms"
    )


def _number(value: float | None, digits: int) -> str:
    return NOT_YET if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return _number(value, 2)


def _size(count: int) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


def _duration(seconds: float) -> str:
    whole = int(seconds)
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if whole >= unit:
            return f"{whole / unit:.1f} {name}"
    return f"{whole} s"
