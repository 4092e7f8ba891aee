"""From arguments to an exit status: 0 done, 1 it failed, 2 the input or the settings are wrong."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from ...models.errors import ModelError, PullError
from ..errors import PacelineError, SettingsError
from . import bench, complete, doctor, draft, language_server, models, report, serve, status, stop, top
from .parser import build_parser
from .place import InputError
from .terminal import complain

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130
VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "complete": complete.run,
    "serve": serve.run,
    "stop": stop.run,
    "status": status.run,
    "top": top.run,
    "doctor": doctor.run,
    "bench": bench.run,
    "draft": draft.run,
    "models": models.run,
    "report": report.run,
    "lsp": language_server.run,
}
MODEL_ERRORS: list[type[ModelError]] = [ModelError, *ModelError.__subclasses__()]
# codes of a daemon's answer that say: what was asked, or what it should run with, is wrong
INPUT_CODES = {"settings", "invalid_field", "too_large", *(kind.code for kind in MODEL_ERRORS)}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (default: the process's) and return its exit status. SystemExit after --help."""
    _print_anything()
    try:
        arguments = build_parser().parse_args(argv)
        return VERBS[arguments.verb](arguments)
    except PullError as error:
        complain(str(error))
        return FAILED
    except (InputError, ModelError, SettingsError) as error:
        complain(str(error))
        return WRONG_INPUT
    except PacelineError as error:
        complain(str(error))
        return WRONG_INPUT if error.code in INPUT_CODES else FAILED
    except KeyboardInterrupt:
        complain("interrupted; the request was cancelled")
        return INTERRUPTED
    except BrokenPipeError:
        _leave_pipe()
        return FAILED


def _print_anything() -> None:
    """Let no character of a completion fail in the encoding of the terminal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _leave_pipe() -> None:
    """Nobody reads our output any more: keep the interpreter from failing on its last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
