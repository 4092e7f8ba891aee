"""The verb ``report``: everything measured, as one HTML page, or as JSON."""

import argparse

from .arguments import Parser, add_engine_options


def add(verb: Parser) -> None:
    """Add what the verb takes."""
    verb.description = "Write one self-contained HTML page with plots of what was measured."
    verb.add_argument("--open", action="store_true", help="show the page in the browser")
    verb.add_argument("--out", metavar="FILE", help="write it there; - for standard output")
    verb.add_argument("--json", action="store_true", help="the figures as JSON, on standard output")
    verb.add_argument(
        "--measure",
        action=argparse.BooleanOptionalAction,
        help="measure the speed now, some 15 s (default: where that was not done in the last 7 days)",
    )
    add_engine_options(verb)


def run(arguments: argparse.Namespace) -> int:
    """Write the report. Raises InputError, PacelineError, ModelError."""
    from ..report import making  # noqa: PLC0415  (no other verb has use for its modules)

    return making.run(arguments)
