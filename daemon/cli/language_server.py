"""The verb ``lsp``: the language server on standard input and output, for an editor to start."""

import argparse
from typing import NoReturn

from .arguments import Parser


def add(_: Parser) -> None:
    """It takes nothing."""


def run(_: argparse.Namespace) -> NoReturn:
    """Serve an editor until it leaves; the process ends with 0 if it said goodbye, else with 1."""
    from ...lsp.app import run as serve_editor  # noqa: PLC0415  (brings pygls)

    serve_editor()
