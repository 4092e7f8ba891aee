"""The verb ``top``: the screen of ``status``, drawn again every second, with the last requests below it."""

import argparse
import os
import select
import shutil
import sys
import termios
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..client import Client
from ..errors import DaemonLost, DaemonNotRunning, DaemonUnresponsive, RequestTimeout
from ..protocol import Recent, Status
from ..settings import Settings, colour_wanted, load_settings
from .arguments import Parser, add_engine_options, real
from .options import overrides
from .status import screen
from .terminal import DIM, Screen

ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # the other screen, without a cursor
HOME, REST_OF_LINE, REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
HEADS = ("ago", "request", "ended by", "first ms", "total ms", "tokens", "passes", "accepted", "computed")
WIDTHS = (7, 10, 12, 9, 9, 7, 7, 9, 9)


def add(verb: Parser) -> None:
    """Add what the verb takes."""
    verb.add_argument(
        "--interval", type=real(0.1, 3600), default=1.0, metavar="S", help="seconds between two looks"
    )
    add_engine_options(verb)


def run(arguments: argparse.Namespace) -> int:
    """Show the state until q or an interrupt; once, where there is no terminal. Raises PacelineError.

    The exit status is 1 where no daemon runs and nobody can watch for one.
    """
    watch = Watch(load_settings(overrides(arguments)))
    try:
        if sys.stdin.isatty() and sys.stdout.isatty():
            _live(watch, arguments.interval)
            return 0
        sys.stdout.write(watch.look())
        return 0 if watch.reached else 1
    finally:
        watch.close()


class Watch:
    """Looks at the daemon of some settings as often as it is asked, and never starts one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None

    @property
    def reached(self) -> bool:
        """Whether the last look met a daemon."""
        return self._client is not None

    def look(self) -> str:
        """The state now, or why there is none. Raises PacelineError for what waiting does not mend."""
        try:
            if self._client is None:
                self._client = Client.connect(self._settings, spawn=False)
            status = self._client.status()
        except (DaemonNotRunning, DaemonLost, DaemonUnresponsive, RequestTimeout) as error:
            self.close()
            return f"{error.text}\n"
        return screen(status) + last_requests(status)

    def close(self) -> None:
        """Leave the daemon."""
        if self._client is not None:
            self._client.close()
            self._client = None


def last_requests(status: Status) -> str:
    """The last requests as a table, the newest first; empty where there was none."""
    rows = [_cells(recent) for recent in sorted(status.recent, key=lambda recent: recent.age_s)]
    if not rows:
        return ""
    return "".join(["\n", *(_line(cells) for cells in (HEADS, *rows))])


def _cells(recent: Recent) -> tuple[str, ...]:
    first = "–" if recent.first is None else f"{recent.queue + recent.first:.0f}"
    return (
        f"{recent.age_s:.0f} s",
        recent.op,
        recent.finish or recent.outcome,
        first,
        f"{recent.queue + recent.total:.0f}",
        str(recent.emitted),
        str(recent.passes),
        f"{recent.accepted}/{recent.tested}",
        str(recent.computed),
    )


def _line(cells: Sequence[str]) -> str:
    return "".join(cell.rjust(width) for cell, width in zip(cells, WIDTHS, strict=True)) + "\n"


def _live(watch: Watch, interval: float) -> None:
    shown = Screen(sys.stdout, colour=colour_wanted())
    with _other_screen(shown):
        while True:
            columns, rows = shutil.get_terminal_size()
            head = f"paceline top · {time.strftime('%X')} · every {interval:g} s · q quits"
            text = shown.tame(watch.look()).splitlines()
            shown.write(frame([shown.paint(head[:columns], DIM), *(line[:columns] for line in text)], rows))
            if _asked_to_quit(interval):
                return


def frame(lines: Sequence[str], rows: int) -> str:
    """What draws ``lines`` over the last ones on a terminal of so many ``rows``, without a flicker."""
    return HOME + "\r\n".join(line + REST_OF_LINE for line in lines[:rows]) + REST_OF_SCREEN


@contextmanager
def _other_screen(shown: Screen) -> Iterator[None]:
    """Keys come one by one and unseen inside the block; what was on the terminal is there again after it.

    An interrupt ends the block and nothing else.
    """
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    shown.write(ENTER)
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        shown.write(LEAVE)
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _asked_to_quit(seconds: float) -> bool:
    """Wait so long for a q, or for the end of the input."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if select.select([sys.stdin], [], [], left)[0]:
            pressed = os.read(sys.stdin.fileno(), 64)
            if not pressed or b"q" in pressed.lower():
                return True
    return False
