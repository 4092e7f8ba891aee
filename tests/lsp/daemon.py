"""``python -m paceline.tests.lsp.daemon FD``: the detached daemon with the scripted engine of these tests."""

from ...daemon.detached import main
from .engine import load

if __name__ == "__main__":
    raise SystemExit(main(load))
