"""``draft tune``: distil the draft on a folder of code, measure the result, and use it where it is faster."""

import argparse
import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ...models.tuning.card import Change
from ..drafts import Shelf, default_name
from ..errors import PacelineError
from ..settings import Settings, data_dir, load_settings, sleep_while_waiting
from .arguments import EPILOGUE, Verbs, add_engine_options, real, whole
from .draft_shelf import OWN
from .options import overrides
from .place import InputError
from .terminal import LoadingBar, complain

if TYPE_CHECKING:
    from ..tuning import Result

LINE_SECONDS = 30.0
STOPPED = 130


class Reporter:
    """Tells how far it is: a bar on a terminal, elsewhere a line now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar = LoadingBar(stream)
        self._said = 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        """Show what is done, and the part that is done."""
        self._bar(stage, fraction)
        now = time.monotonic()
        if not self._stream.isatty() and now - self._said >= LINE_SECONDS:
            self._stream.write(f"{fraction:4.0%} {stage}\n")
            self._stream.flush()
            self._said = now

    def clear(self) -> None:
        """Take the bar off the screen."""
        self._bar.clear()


def add(subverbs: Verbs) -> None:
    """Add the verb."""
    verb = subverbs.add_parser(
        "tune",
        help="distil the draft on your code; used where it is measured to be faster",
        description="Distil a copy of the draft from the target on the code in a folder. Ignore rules hold, "
        "and nothing leaves the machine. The same command goes on where it was stopped.",
        epilog=EPILOGUE,
    )
    verb.add_argument("folder", type=Path, metavar="DIR", help="folder with the code to tune on")
    verb.add_argument(
        "--minutes",
        type=real(0.2, 10_000),
        default=15.0,
        metavar="M",
        help="time for it, all runs together (15)",
    )
    verb.add_argument("--name", metavar="NAME", help="of the new draft (default: that of the folder)")
    verb.add_argument(
        "--prompts",
        type=whole(6, 1000),
        default=24,
        metavar="N",
        help="places to measure at (24)",
    )
    verb.add_argument("--json", action="store_true", help="what came of it as JSON")
    add_engine_options(verb)


def run(arguments: argparse.Namespace) -> int:
    """Tune, measure, tell. Raises InputError, ModelError or PacelineError."""
    if not arguments.folder.is_dir():
        raise InputError(f"{arguments.folder} is no folder; name one with the code to tune on")
    settings, shelf = own_settings(load_settings(overrides(arguments)))
    name = arguments.name or default_name(arguments.folder.resolve())
    if name == OWN:
        raise InputError(f"{OWN} means the pair's own draft: give the new one another name with --name")
    shelf.path(name)
    result = _tuned(arguments, settings, shelf, name)
    if result is None:
        return STOPPED
    words = json.dumps(asdict(result), ensure_ascii=False) + "\n" if arguments.json else text(result)
    sys.stdout.write(words)
    return 0


def _tuned(arguments: argparse.Namespace, settings: Settings, shelf: Shelf, name: str) -> "Result | None":
    """What came of it; None where a signal asked to stop. Raises ModelError or PacelineError."""
    sleep_while_waiting()
    from ...models.tuning.tune import StoppedError  # noqa: PLC0415  (brings torch, which light verbs must not)
    from ..opening import engine_options  # noqa: PLC0415
    from ..tuning import tune_on  # noqa: PLC0415

    folder, options, reporter = arguments.folder.resolve(), engine_options(settings), Reporter(sys.stderr)
    try:
        return tune_on(
            folder,
            name,
            options,
            shelf,
            minutes=arguments.minutes,
            places=arguments.prompts,
            tell=reporter,
        )
    except StoppedError as error:
        reporter.clear()
        complain(str(error))
        return None
    except OSError as error:
        raise PacelineError(
            f"tuning stopped ({error.strerror or error}); see to {shelf.folder} and give the command again"
        ) from error
    finally:
        reporter.clear()


def own_settings(settings: Settings) -> tuple[Settings, Shelf]:
    """The settings with the pair's own draft in the place of a tuned one that is in use, and its shelf."""
    shelf = Shelf.of(data_dir(), settings.target)
    in_use = shelf.in_use()
    tuned = in_use is not None and settings.draft == str(in_use)
    return (replace(settings, draft="auto") if tuned else settings), shelf


def text(result: "Result") -> str:
    """What came of it, for a person."""
    card, times = result.card, result.times
    lines = [
        f"{card.name}: learnt at {card.places:,} places of {card.files} files and of general code, "
        f"{card.tokens / 1e6:.1f} M tokens, {card.minutes:.1f} minutes; {card.held_out} files were held out",
        f"  α on held-out files  {_change(card.own)}",
        f"  α on general code    {_change(card.general)}",
    ]
    if times is None:
        return "\n".join([*lines, "Nothing was gained, so nothing was kept.", ""])
    lines.append(
        f"  ms a character       {times.own:.3f} → {times.tuned:.3f}  at their best ({times.own_name}; "
        f"{times.tuned_name}), × {times.ratio:.2f} in the same ways; plain {times.plain:.3f}"
    )
    use, remove = f"paceline draft use {card.name}", f"paceline draft remove {card.name}"
    if result.in_use:
        lines.append(f"In use from now on. Back to the pair's own:  paceline draft use own  or  {remove}")
    else:
        lines.append(f"It is no faster here, so it is not used; to use it:  {use}  , to remove it:  {remove}")
    return "\n".join([*lines, ""])


def _change(change: Change) -> str:
    alphas = f"{change.before:.3f} → {change.after:.3f}"
    interval = f"95 %: {change.low:.2f}–{change.high:.2f}"
    return f"{alphas}  × {change.ratio:.2f} ({interval}), {change.places} places"
