"""``draft list``, ``draft use`` and ``draft remove``: the drafts that were tuned here."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from ..drafts import Shelf
from ..errors import PacelineError
from ..settings import data_dir, load_settings
from .arguments import EPILOGUE, Verbs
from .options import model_name
from .terminal import on_one_line

OWN = "own"


def add(subverbs: Verbs) -> None:
    """Add the verbs."""
    listing = subverbs.add_parser("list", help="the drafts tuned here", epilog=EPILOGUE)
    listing.add_argument("--json", action="store_true", help="their cards as JSON")
    use = subverbs.add_parser("use", help="choose a tuned draft, or the pair's own again", epilog=EPILOGUE)
    remove = subverbs.add_parser("remove", help="remove a tuned draft", epilog=EPILOGUE)
    use.add_argument("name", metavar="NAME", help=f"of a tuned draft; {OWN} for the pair's own")
    remove.add_argument("name", metavar="NAME", help="of a tuned draft")
    for verb in (listing, use, remove):
        verb.add_argument("--target", metavar="DIR", help="directory of the target, or the name of a pair")


def run_list(arguments: argparse.Namespace) -> int:
    """Print them. Raises SettingsError."""
    shelf = _shelf(arguments)
    cards, in_use = shelf.cards(), shelf.in_use()
    name = None if in_use is None else in_use.name
    if arguments.json:
        facts = [{**asdict(card), "in_use": card.name == name} for card in cards]
        sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
        return 0
    for card in cards:
        mark = "  in use" if card.name == name else ""
        alphas = f"α {card.own.before:.3f} → {card.own.after:.3f}"
        workspace = on_one_line(card.workspace)
        sys.stdout.write(f"{card.name}  {card.made[:10]}  {workspace}  {alphas}{mark}\n")
    for begun in shelf.unfinished():
        sys.stdout.write(f"{begun}  unfinished: the command that began it goes on with it\n")
    if not cards and not shelf.unfinished():
        sys.stdout.write("none yet:  paceline draft tune DIR  makes one\n")
    return 0


def run_use(arguments: argparse.Namespace) -> int:
    """Choose a draft. Raises PacelineError or SettingsError."""
    with _changing(arguments) as shelf:
        shelf.use(None if arguments.name == OWN else arguments.name)
    return 0


def run_remove(arguments: argparse.Namespace) -> int:
    """Remove a draft. Raises PacelineError or SettingsError."""
    with _changing(arguments) as shelf:
        shelf.remove(arguments.name)
    return 0


def _shelf(arguments: argparse.Namespace) -> Shelf:
    target = model_name(arguments.target)
    return Shelf.of(data_dir(), load_settings({"target": target}).target)


@contextmanager
def _changing(arguments: argparse.Namespace) -> Iterator[Shelf]:
    """The shelf, with a sentence in the place of what the disk says."""
    shelf = _shelf(arguments)
    try:
        yield shelf
    except OSError as error:
        raise PacelineError(
            f"{shelf.folder} cannot be changed ({error.strerror or error}): see to its permissions"
        ) from error
