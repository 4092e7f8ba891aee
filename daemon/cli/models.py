"""The verb ``models`` and its own verbs: which pairs there are, their facts, the pair check, the download."""

import argparse
from collections.abc import Callable

from . import models_check, models_list, models_pull, models_show
from .arguments import Parser

ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": models_list.run,
    "show": models_show.run,
    "check": models_check.run,
    "pull": models_pull.run,
}


def add(verb: Parser) -> None:
    """Add all verbs of the verb."""
    actions = verb.add_subparsers(dest="action", required=True, parser_class=Parser)
    for module in (models_list, models_show, models_check, models_pull):
        module.add(actions)


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb of the verb says. Raises InputError, ModelError or PacelineError."""
    return ACTIONS[arguments.action](arguments)
