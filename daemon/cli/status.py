"""The verb ``status``: one screen of the daemon's state, or the same as JSON."""

import argparse
import json
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from ..client import Client
from ..errors import DaemonNotRunning
from ..figures import Suggestions
from ..protocol import Rates, Status, as_map
from ..settings import load_settings
from .arguments import Parser, add_engine_options
from .columns import size
from .options import overrides
from .terminal import short_dtype

NOT_YET = "–"


def add(verb: Parser) -> None:
    """Add what the verb takes."""
    verb.add_argument("--json", action="store_true", help="the same as one JSON map")
    add_engine_options(verb)


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
        *_models(status.engine or {"pair": f"{status.settings.get('target', NOT_YET)} (not loaded)"}),
        ("memory", f"{size(status.rss_bytes)} resident" + _parts(status.engine)),
        ("requests", _requests(status)),
        ("ended by", " · ".join(_counts(status, "finish.")) or NOT_YET),
        ("drafting", f"α {_number(rates.alpha, 2)} · draft efficiency {_number(rates.draft_efficiency, 2)}"),
        (
            "τ",
            f"{_number(rates.tau, 2)} measured · {_number(rates.tau_model, 2)} from α and k by the formula",
        ),
        ("speed", f"{_number(rates.tokens_per_second, 0)} tokens/s"),
        ("first text", _times(rates)),
        *_editors(status.suggestions),
        *_evaluation(status.engine),
        ("log", status.log),
    ]
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:<{width}}  {value}\n" for name, value in rows)


def _models(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Rows for pair, target and draft, as far as the engine tells of them."""
    rows = [("pair", str(facts["pair"]))]
    if "device" in facts:
        room = f"{facts['slots']} slots of {facts['context']} tokens"
        rows = [("pair", f"{facts['pair']} on {facts['device']} · {room}")]
    return rows + [(part, _model(facts[part])) for part in ("target", "draft") if facts.get(part)]


def _model(facts: Mapping[str, Any]) -> str:
    size = f"{facts['parameters'] / 1e6:.1f} M parameters · {short_dtype(facts['dtype'])}"
    return f"{facts['family']} · {size}" + ("" if facts["native"] else " · by transformers")


def _parts(facts: Mapping[str, Any]) -> str:
    """The engine's own part of the memory: weights and caches."""
    if not facts:
        return ""
    weights = sum(facts[part]["bytes"] for part in ("target", "draft") if facts[part])
    return f" · weights {size(weights)} · slots {size(facts['kv_bytes'])}"


def _state(status: Status) -> str:
    if status.state == "loading":
        return f"loading, {status.fraction:.0%} {status.stage}".rstrip()
    return f"{status.state}: {status.reason}" if status.reason else status.state


def _requests(status: Status) -> str:
    return " · ".join([*_counts(status, "outcome."), f"{status.queued} waiting"])


def _counts(status: Status, kind: str) -> list[str]:
    """The counters whose names start with ``kind``, each as its count and the rest of its name."""
    counters = status.outcomes.items()
    return [f"{count} {name.removeprefix(kind)}" for name, count in counters if name.startswith(kind)]


def _times(rates: Rates) -> str:
    first = f"p50 {_number(rates.first_p50, 0)} ms · p95 {_number(rates.first_p95, 0)} ms"
    return (
        f"{first} · of it waiting p50 {_number(rates.queue_p50, 0)} ms · p95 {_number(rates.queue_p95, 0)} ms"
    )


def _editors(told: Suggestions) -> list[tuple[str, str]]:
    """Rows for what editors did with completions; none where no editor told anything."""
    if not told.answered and not told.shown:
        return []
    parts = f"{told.from_cache} from cache, {told.carried} carried over, {told.from_prefetch} prefetched"
    times = f"p50 {_number(told.answer_p50, 0)} ms · p95 {_number(told.answer_p95, 0)} ms"
    taken = f"{told.accepted} accepted · {told.partly_accepted} in part · {told.dismissed} dismissed"
    kept = f"{told.accepted_characters} characters taken, {_percent(told.retained)} still there after 30 s"
    return [
        ("in editors", f"{told.shown} shown · {taken} · acceptance {_percent(told.acceptance)}"),
        ("", kept),
        ("answers", f"{times} after waiting {_number(told.waited_p50, 0)} ms on purpose"),
        ("", f"{told.answered} answers, {_percent(told.known)} without a new request: {parts}"),
        ("wasted", f"{told.wasted_tokens} tokens, {_percent(told.wasted)} of those emitted"),
    ]


def _evaluation(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A row where drafts should be measured again."""
    return [("drafts", str(facts["evaluation"]))] if facts.get("evaluation") else []


def _percent(share: float | None) -> str:
    return NOT_YET if share is None else f"{share:.0%}"


def _number(value: float | None, digits: int) -> str:
    return NOT_YET if value is None else f"{value:.{digits}f}"


def _duration(seconds: float) -> str:
    whole = int(seconds)
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if whole >= unit:
            return f"{whole / unit:.1f} {name}"
    return f"{whole} s"
