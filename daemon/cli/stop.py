"""The verb ``stop``: end the daemon of these settings, or all daemons of the runtime directory."""

import argparse
import sys
import time
from contextlib import closing, suppress

from ..client import CONTROL_SECONDS, STOP_SECONDS, Client
from ..errors import DaemonLost, DaemonNotRunning, RequestTimeout
from ..lifecycle import is_running, unresponsive
from ..link import Link
from ..paths import Places, places, read_connection
from ..protocol import Stop
from ..settings import Settings, load_settings
from .arguments import Parser, add_engine_options
from .options import overrides


def add(verb: Parser) -> None:
    """Add what the verb takes."""
    verb.add_argument("--all", action="store_true", help="stop the daemons of all other settings too")
    add_engine_options(verb)


def run(arguments: argparse.Namespace) -> int:
    """Stop and wait until the processes are gone; none to stop is as good. Raises PacelineError."""
    settings = load_settings(overrides(arguments))
    stopped = _stop_all(settings) if arguments.all else _stop(settings)
    said = {
        0: "no daemon runs" + ("" if arguments.all else " with these settings"),
        1: "the daemon has stopped",
    }
    sys.stdout.write(said.get(stopped, f"{stopped} daemons have stopped") + "\n")
    return 0


def _stop(settings: Settings) -> int:
    """Stop the daemon of these settings and return how many were stopped: 0 or 1."""
    try:
        client = Client.connect(settings, spawn=False)
    except DaemonNotRunning:
        return 0
    with closing(client):
        client.stop()
    return 1


def _stop_all(settings: Settings) -> int:
    """Stop every daemon that holds a lock in the runtime directory; return how many there were.

    Raises DaemonUnresponsive where one of them does not answer, once the others have stopped.
    """
    directory = places(settings).directory
    found = [Places(file.stem, directory, file.with_suffix(".sock")) for file in directory.glob("*.lock")]
    running = [where for where in found if is_running(where)]
    unheard = [where for where in running if not _stop_at(where)]
    for where in filter(is_running, unheard):
        raise unresponsive(where)
    return len(running) - len(unheard)


def _stop_at(where: Places) -> bool:
    """Stop one daemon; False where it cannot be reached, such as one that is gone. Raises RequestTimeout."""
    connection = read_connection(where)
    link = Link.open(connection) if connection is not None else None
    if link is None:
        return False
    with closing(link), suppress(DaemonLost):
        link.send(Stop())
        link.receive(time.monotonic() + CONTROL_SECONDS)
    deadline = time.monotonic() + STOP_SECONDS
    while is_running(where):
        if time.monotonic() > deadline:
            raise RequestTimeout(f"a daemon agreed to stop and still runs; see {where.log}")
        time.sleep(0.02)
    return True
