"""``python -m paceline.tests.harness.asking DIRECTORY TARGET``: a client process that asks once.

Prints the daemon's process id and the text, or the code of the error.
"""

import sys

from ...daemon import spawn
from ...daemon.client import Client
from ...daemon.errors import PacelineError
from ...daemon.protocol import Complete
from ...daemon.settings import load_settings


def main() -> int:
    """Ask once."""
    spawn.DAEMON_MODULE = "paceline.tests.harness.daemon"
    settings = load_settings({"runtime_dir": sys.argv[1], "target": sys.argv[2]})
    sys.stdin.readline()  # the start signal
    try:
        with Client.connect(settings) as client:
            done = client.complete(Complete("a.py", "x = "), timeout=60.0)
            sys.stdout.write(f"{client.hello().pid} {done.text}\n")
    except PacelineError as error:
        sys.stdout.write(f"{error.code}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
