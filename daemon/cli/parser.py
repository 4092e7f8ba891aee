"""The words of the command line: what verbs there are. Only the one that is asked for is imported."""

import argparse
import importlib
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from ... import __version__
from .arguments import EPILOGUE, Parser

EXAMPLES = """examples:
  paceline complete app.py:12            complete at the end of line 12
  paceline complete app.py:12:5 --json   before column 5, every count and time as JSON
  paceline complete - --at 3:1 --path app.py <app.py
  paceline complete app.py:12 --explain  who proposed each token
  paceline bench                         how fast this machine is, and other engines on it
  paceline bench --typing app.py         what a person typing app.py would get, and when
  paceline status                        pair, device, memory, acceptance, times
  paceline doctor                        what is wrong here and how to mend it
"""

VERBS = {
    "complete": ("complete", "print the completion at a place in a file"),
    "serve": ("serve", "run the daemon in the foreground"),
    "stop": ("stop", "stop the daemon"),
    "status": ("status", "one screen of the daemon's state"),
    "top": ("top", "the same, live, until q is pressed"),
    "doctor": ("doctor", "what is wrong here and how to mend it"),
    "bench": ("bench", "measure this machine: plain, speculative, and other engines on the same weights"),
    "draft": ("draft", "choose a draft by measured speed, or tune one"),
    "models": ("models", "good pairs: facts, check, download"),
    "report": ("report", "one HTML page: how often guesses are right, what they save"),
    "lsp": ("language_server", "the language server on stdio, for editors"),
}
"""By verb the module that does it and what it is for."""

Run = Callable[[argparse.Namespace], int]


class Verb(Protocol):
    """A module that does a verb."""

    run: Run

    def add(self, verb: Parser) -> None:
        """Add what the verb takes to its parser."""


def parse(words: Sequence[str]) -> tuple[argparse.Namespace, Run]:
    """The arguments in ``words``, and what runs them. Raises InputError; SystemExit after --help."""
    parser = Parser(
        prog="paceline",
        description="Local code completion by speculative decoding.",
        epilog=f"{EXAMPLES}\n{EPILOGUE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"paceline {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=Parser)
    asked = next((word for word in words if not word.startswith("-")), "")
    for name, (module, purpose) in VERBS.items():
        verb = verbs.add_parser(name, help=purpose, epilog=EPILOGUE)
        if name == asked:
            _load(module).add(verb)
    arguments = parser.parse_args(words)
    return arguments, _load(VERBS[arguments.verb][0]).run


def _load(module: str) -> Verb:
    return cast(Verb, importlib.import_module(f".{module}", __package__))
