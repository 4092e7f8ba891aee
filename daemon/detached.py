"""``python -m paceline.daemon.detached FD``: a daemon of its own, started by :mod:`spawn`.

Reads its settings as JSON from standard input, tells on the pipe FD when it listens or why it cannot, and
lives on after its starter. The starter has made the session, the directory and the output.
"""

import json
import os
import sys

from .errors import PacelineError
from .opening import open_engine
from .process import serve
from .settings import settings_of
from .spawn import Report, report
from .worker import EngineFactory


def main(engine_factory: EngineFactory = open_engine) -> int:
    """Run detached and return the exit code."""
    ready = int(sys.argv[1])
    settings = settings_of(json.loads(sys.stdin.buffer.read()))
    if os.fork():
        os._exit(0)  # the starter waits for this process, not for the daemon
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    try:
        return serve(settings, ready=ready, engine_factory=engine_factory)
    except PacelineError as error:
        report(ready, Report("failed", error.code, error.text))
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
