"""The verb ``serve``: the daemon in the foreground, its log on stderr, until it is interrupted or stopped."""

import argparse

from ..errors import PacelineError
from ..process import serve
from ..settings import load_settings
from .arguments import Parser, add_engine_options
from .options import overrides


def add(verb: Parser) -> None:
    """Add what the verb takes."""
    add_engine_options(verb)


def run(arguments: argparse.Namespace) -> int:
    """Serve and return the daemon's exit status. Raises PacelineError."""
    settings = load_settings(overrides(arguments))
    try:
        return serve(settings)
    except OSError as error:
        why = f"the daemon cannot listen in {settings.runtime_dir} ({error.strerror})"
        raise PacelineError(f"{why}: see to that directory, or set runtime_dir") from error
