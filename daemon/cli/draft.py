"""The verb ``draft`` and its own verbs: choose a draft by measured speed."""

import argparse
from collections.abc import Callable

from . import draft_evaluate
from .arguments import EPILOGUE, Parser, Verbs

ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {"evaluate": draft_evaluate.run}


def add(verbs: Verbs) -> None:
    """Add the verb with all its verbs."""
    verb = verbs.add_parser("draft", help="choose the draft model by measured speed", epilog=EPILOGUE)
    subverbs = verb.add_subparsers(dest="action", required=True, parser_class=Parser)
    draft_evaluate.add(subverbs)


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb of the verb says. Raises InputError, ModelError or PacelineError."""
    return ACTIONS[arguments.action](arguments)
