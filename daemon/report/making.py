"""Making the report: what is due is measured, everything is gathered, and the page or the JSON written."""

import argparse
import json
import sys
import time
import webbrowser
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from ...models.errors import ModelError
from ..cli.options import overrides
from ..cli.place import InputError
from ..cli.terminal import LoadingBar
from ..client import Client
from ..errors import DaemonNotRunning, PacelineError
from ..paths import write_private
from ..protocol import Status
from ..settings import Settings, engine_key, load_settings, state_dir
from .gather import gather
from .page import page
from .speed import FRESH_SECONDS, keep, path_of, recall

SMALL_BYTES = 1 << 30
"""Weights up to which a measurement is made unasked: their loading takes seconds."""
OWN_NAME = "report.html"


def run(arguments: argparse.Namespace) -> int:
    """Gather, measure where it is wanted, write. Raises InputError, PacelineError, ModelError."""
    settings = load_settings(overrides(arguments))
    missing = _measure(settings, arguments.measure)
    try:
        report = gather(settings, state_dir(), _status(settings), missing)
    except OSError as error:
        raise PacelineError(f"the history cannot be read ({error.strerror}): see {state_dir()}") from error
    if arguments.json:
        _write(json.dumps(asdict(report), ensure_ascii=False) + "\n", arguments.out or "-")
        return 0
    path = _write(page(report), arguments.out)
    if path is not None:
        sys.stdout.write(f"{path}\n")
        if arguments.open and not webbrowser.open(path.as_uri()):
            raise PacelineError(f"no browser could be started: open {path} yourself")
    return 0


def _status(settings: Settings) -> Status | None:
    """What the running daemon says; None where none runs."""
    try:
        client = Client.connect(settings, spawn=False)
    except DaemonNotRunning:
        return None
    with closing(client):
        return client.status()


def _measure(settings: Settings, wanted: bool | None) -> str:
    """Measure the speed where it is ``wanted``, or left open and due; why it was not, where it was due."""
    path = path_of(state_dir(), engine_key(settings))
    known = recall(path)
    due = known is None or time.time() - known.at > FRESH_SECONDS
    if wanted is False or (wanted is None and not due):
        return ""
    if wanted is None and not _is_small(settings):
        return "Not measured yet: loading these models a second time takes long. Run"
    from ..opening import engine_options  # noqa: PLC0415  (brings torch, which the rest does without)
    from .measuring import measure_speed  # noqa: PLC0415

    bar = LoadingBar(sys.stderr)
    try:
        keep(path, measure_speed(engine_options(settings), bar))
    except ModelError as error:
        if wanted:
            raise
        return f"Not measured: {error} Then run"
    except OSError as error:
        raise PacelineError(f"the measurement cannot be kept ({error.strerror}): see {path}") from error
    finally:
        bar.clear()
    return ""


def _is_small(settings: Settings) -> bool:
    """Whether the target is the bundled one, or one whose weights load in seconds."""
    if settings.target == Settings().target:
        return True
    return 0 < sum(path.stat().st_size for path in Path(settings.target).glob("*.safetensors")) <= SMALL_BYTES


def _write(text: str, out: str | None) -> Path | None:
    """Write to the file named, to standard output (None then), or to the state directory."""
    if out == "-":
        sys.stdout.write(text)
        return None
    path = state_dir() / OWN_NAME if out is None else Path(out).expanduser().absolute()
    try:
        if out is None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, text.encode())
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}): name another file with --out"
        ) from error
    return path
