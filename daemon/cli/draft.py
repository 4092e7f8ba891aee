"""The verb ``draft`` and its own verbs: choose a draft by measured speed, make one, keep it."""

import argparse
from collections.abc import Callable

from . import draft_evaluate, draft_shelf, draft_tune
from .arguments import Parser

ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "evaluate": draft_evaluate.run,
    "tune": draft_tune.run,
    "list": draft_shelf.run_list,
    "use": draft_shelf.run_use,
    "remove": draft_shelf.run_remove,
}


def add(verb: Parser) -> None:
    """Add all verbs of the verb."""
    subverbs = verb.add_subparsers(dest="action", required=True, parser_class=Parser)
    draft_evaluate.add(subverbs)
    draft_tune.add(subverbs)
    draft_shelf.add(subverbs)


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb of the verb says. Raises InputError, ModelError or PacelineError."""
    return ACTIONS[arguments.action](arguments)
