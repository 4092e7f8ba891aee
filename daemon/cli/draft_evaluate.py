"""``draft evaluate``: every candidate measured on the user's own code, and what to set."""

import argparse
from pathlib import Path

from ..errors import PacelineError
from ..protocol import MAX_K, MAX_TOKENS
from .arguments import EPILOGUE, Verbs, add_engine_options, whole, wholes


def add(subverbs: Verbs) -> None:
    """Add the verb."""
    verb = subverbs.add_parser(
        "evaluate",
        help="rank drafts, lookup and plain decoding by measured time on your code",
        description="Rank drafts, lookup and plain decoding by measured time a character, on your own code.",
        epilog=EPILOGUE,
    )
    verb.add_argument(
        "--on",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="folder with the code to complete (default: this one)",
    )
    verb.add_argument(
        "--candidates",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR",
        help="directories of draft models, measured beside the pair's own",
    )
    verb.add_argument(
        "--k",
        type=wholes(1, MAX_K),
        default=(1, 2, 4, 8),
        metavar="N,N",
        help="numbers of drafted tokens to try",
    )
    verb.add_argument(
        "--prompts", type=whole(2, 1000), default=24, metavar="N", help="places to complete at (24)"
    )
    verb.add_argument(
        "--max-tokens", type=whole(1, MAX_TOKENS), default=64, metavar="N", help="at most N tokens each (64)"
    )
    verb.add_argument(
        "--seed", type=whole(0, 1 << 31), default=0, metavar="N", help="of the choice of places"
    )
    verb.add_argument("--json", action="store_true", help="the verdict as JSON")
    add_engine_options(verb)


def run(arguments: argparse.Namespace) -> int:
    """Measure, keep the verdict, print it. Raises InputError, ModelError or PacelineError."""
    raise PacelineError(f"{arguments.action} cannot be run yet", code="invalid_field")
