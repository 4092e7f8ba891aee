"""``python -m paceline.tests.lsp.process``: ``paceline lsp``, in a hurry, over the scripted engine."""

from ...daemon import spawn
from ...daemon.cli import main
from ...lsp import feedback

if __name__ == "__main__":
    spawn.DAEMON_MODULE = "paceline.tests.lsp.daemon"
    feedback.RETAINED_AFTER = 0.5
    raise SystemExit(main(["lsp"]))
