"""``paceline models pull``: a pair or a model from the hub to this disk, resumed where it stopped."""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from ...models.catalog.lookup import find_model, find_pair
from ...models.errors import PairError
from ...models.store import Pulled, is_hub_id, snapshot
from ..settings import models_dir
from .arguments import EPILOGUE, Verbs
from .terminal import LoadingBar, complain

INTERRUPTED = 130


def add(verbs: Verbs) -> None:
    """Add the verb's parser."""
    verb = verbs.add_parser(
        "pull",
        help="download a pair or a model from the hub",
        description="Download weights, tokenizer and configuration, no code; a pair with its draft.",
        epilog=EPILOGUE,
    )
    verb.add_argument("name", metavar="NAME", help="a pair of the catalog, or a hub id such as owner/name")
    verb.add_argument("--revision", metavar="REV", help="a branch, tag or commit instead of the main branch")
    verb.add_argument("--json", action="store_true", help="what was pulled, as one JSON map")


def run(arguments: argparse.Namespace) -> int:
    """Download and check. Raises InputError or ModelError; the exit status is 130 after an interrupt."""
    ids = _ids(arguments.name)
    store = models_dir()
    try:
        found = [_pull(store, hub_id, arguments.revision) for hub_id in ids]
    except KeyboardInterrupt:
        complain("stopped; run the same command again, it goes on where it stopped")
        return INTERRUPTED
    if len(found) > 1:
        _check(arguments.name, store)
    places = [{**asdict(each), "path": str(snapshot(store, each))} for each in found]
    if arguments.json:
        sys.stdout.write(json.dumps({"pulled": places}, ensure_ascii=False) + "\n")
        return 0
    for each, place in zip(found, places, strict=True):
        sys.stdout.write(f"{each.hub_id} at {each.commit[:12]}, {each.size / 1e9:.2f} GB: {place['path']}\n")
    sys.stdout.write(f"Next: `paceline models check {arguments.name}`, or use it with `--target`.\n")
    return 0


def _ids(name: str) -> list[str]:
    """Hub ids of what ``name`` means: a pair by its name is two models, a hub id is that one."""
    if is_hub_id(name):
        return [name]
    pair, model = find_pair(name), find_model(name)
    if pair is not None:
        return [each.hub_id for each in (pair.target, pair.draft) if each is not None]
    if model is not None:
        return [model.hub_id]
    raise PairError(f"{name!r} is no pair of the catalog and no hub id; see `paceline models list`.")


def _pull(store: Path, hub_id: str, revision: str | None) -> Pulled:
    from ...models.hub import pull  # noqa: PLC0415  (brings the hub library, which only this verb needs)

    bar = DownloadBar(hub_id, LoadingBar(sys.stderr))
    try:
        return pull(store, hub_id, revision=revision, progress=bar)
    finally:
        bar.clear()


def _check(name: str, store: Path) -> None:
    """Hold the pair's tokens against each other, now that both are here. Raises ModelError."""
    from ...models.pairing import check_pair, resolve  # noqa: PLC0415  (brings tokenizers)

    check_pair(resolve(name, store=store))


class DownloadBar:
    """Tells how far a download is, how fast it goes and how long it will take."""

    def __init__(self, hub_id: str, bar: LoadingBar) -> None:
        self._hub_id, self._bar = hub_id, bar
        self._begun: tuple[float, int] | None = None

    def __call__(self, name: str, done: int, total: int) -> None:
        """Draw ``done`` of ``total`` bytes, the file ``name`` being under way."""
        now = time.monotonic()
        if self._begun is None:
            self._begun = now, done
        seconds, before = now - self._begun[0], self._begun[1]
        speed = (done - before) / seconds if seconds > 1 else 0.0
        words = f"{self._hub_id} · {done / 1e9:.2f} of {total / 1e9:.2f} GB"
        if speed:
            words += f" · {speed / 1e6:.1f} MB/s · {_left((total - done) / speed)} left"
        self._bar(f"{words} · {name}", done / max(1, total))

    def clear(self) -> None:
        """Take the bar off the screen."""
        self._bar.clear()


def _left(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
