"""``python -m paceline.tests.harness.daemon FD``: the detached daemon with the scripted engine.

With a directory and a target instead of FD it serves in the foreground. It looks after its files often.
"""

import sys

from ...daemon import service
from ...daemon.detached import main
from ...daemon.errors import PacelineError
from ...daemon.process import serve
from ...daemon.settings import load_settings
from .engine import load


def foreground(directory: str, target: str) -> int:
    """Serve as ``paceline serve`` does; print the code of an error."""
    try:
        return serve(load_settings({"runtime_dir": directory, "target": target}), engine_factory=load)
    except PacelineError as error:
        sys.stdout.write(f"{error.code}\n")
        return 2


if __name__ == "__main__":
    service.SELF_CHECK_SECONDS = 0.2
    raise SystemExit(main(load) if len(sys.argv) == 2 else foreground(*sys.argv[1:]))
