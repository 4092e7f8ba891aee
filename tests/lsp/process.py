"""``python -m paceline.tests.lsp.process``: ``paceline lsp`` whose daemons have the scripted engine."""

from ...daemon import spawn
from ...daemon.cli import main

if __name__ == "__main__":
    spawn.DAEMON_MODULE = "paceline.tests.lsp.daemon"
    raise SystemExit(main(["lsp"]))
