"""The verb ``stop``: end the daemon of these settings."""

import argparse
import sys
from contextlib import closing

from ..client import Client
from ..errors import DaemonNotRunning
from ..settings import load_settings
from .options import overrides


def run(arguments: argparse.Namespace) -> int:
    """Stop the daemon and wait until it is gone; none to stop is as good. Raises PacelineError."""
    settings = load_settings(overrides(arguments))
    try:
        client = Client.connect(settings, spawn=False)
    except DaemonNotRunning:
        sys.stdout.write("no daemon runs with these settings\n")
        return 0
    with closing(client):
        client.stop()
    sys.stdout.write("the daemon has stopped\n")
    return 0
