"""``python -m paceline.tests.harness.daemon FD``: the detached daemon with the scripted engine."""

from ...daemon.detached import main
from .engine import load

if __name__ == "__main__":
    raise SystemExit(main(load))
