"""From arguments to an exit status: 0 done, 1 it failed, 2 the input or the settings are wrong."""

import io
import os
import sys
from collections.abc import Sequence

from ...models.errors import ModelError, PullError
from ..errors import PacelineError, SettingsError
from .parser import parse
from .place import InputError
from .terminal import complain

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130
MODEL_ERRORS: list[type[ModelError]] = [ModelError, *ModelError.__subclasses__()]
# codes of a daemon's answer that say: what was asked, or what it should run with, is wrong
INPUT_CODES = {"settings", "invalid_field", "too_large", *(kind.code for kind in MODEL_ERRORS)}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (default: the process's) and return its exit status. SystemExit after --help."""
    _print_anything()
    try:
        arguments, run = parse(sys.argv[1:] if argv is None else argv)
        return run(arguments)
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
