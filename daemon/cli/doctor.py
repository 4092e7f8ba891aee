"""The verb ``doctor``: what is wrong here and how to mend it, as lines or as JSON."""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ... import __version__
from ..doctor.checks import examine, runnable
from ..doctor.conclusions import conclude
from ..doctor.finding import Finding, State, remark, worst
from ..doctor.words import figures, line, summary
from ..settings import colour_wanted, load_settings
from .arguments import Parser, add_engine_options, real, whole
from .options import overrides
from .place import InputError
from .terminal import LoadingBar, Screen

if TYPE_CHECKING:
    from ..doctor.selfcheck import SelfCheck

COLOURS: dict[State, str] = {"ok": "32", "remark": "33", "wrong": "1;31"}
STATUS = "exit status: 0 all is well, remarks included, 1 something is wrong, 2 the input is wrong"


def add(verb: Parser) -> None:
    """Add what the verb takes."""
    verb.description = (
        "Look at the installation, the machine, the daemon and the models, then replay prompts with and "
        "without speculation: is the text the same, and what does it save."
    )
    verb.epilog = STATUS
    verb.add_argument("files", nargs="*", metavar="FILE", help="code to complete (default: paceline's own)")
    verb.add_argument("--quick", action="store_true", help="leave the replay of prompts out")
    verb.add_argument("--json", action="store_true", help="the same as one JSON map")
    verb.add_argument(
        "--seconds", type=real(1, 3600), default=25.0, metavar="S", help="to replay prompts, loading left out"
    )
    verb.add_argument(
        "--prompts", type=whole(2, 1000), default=24, metavar="N", help="so many prompts, if there is time"
    )
    add_engine_options(verb)


class Teller:
    """Prints findings as they come, with a bar on stderr while the next one is looked for; or keeps them."""

    def __init__(self, *, silent: bool) -> None:
        self.findings: list[Finding] = []
        self.bar = LoadingBar(sys.stderr)
        self._silent = silent
        self._screen = Screen(sys.stdout, colour=colour_wanted())

    def take(self, findings: Iterable[Finding]) -> None:
        """Take findings one by one."""
        for finding in findings:
            self.findings.append(finding)
            self.say(line(finding, lambda state, text: self._screen.paint(text, COLOURS[state])))

    def say(self, text: str) -> None:
        """Print ``text``, unless JSON is wanted."""
        self.bar.clear()
        if not self._silent:
            self._screen.write(text)


def run(arguments: argparse.Namespace) -> int:
    """Examine, replay, tell. Raises InputError, SettingsError, and PacelineError for files without places."""
    files = [Path(name) for name in arguments.files]
    missing = next((path for path in files if not path.exists()), None)
    if missing is not None:
        raise InputError(f"{missing} does not exist: give files or folders with code to complete")
    teller = Teller(silent=arguments.json)
    teller.take(examine(overrides(arguments)))
    checked = None
    if not arguments.quick and runnable(teller.findings):
        checked = _checked(arguments, files, teller)
    elif not arguments.quick:
        teller.take([remark("skipped", "the replay of prompts: mend what is wrong first")])
    teller.say("\n" + summary(teller.findings))
    if arguments.json:
        sys.stdout.write(_json(teller.findings, checked) + "\n")
    return 1 if worst(teller.findings) == "wrong" else 0


def _checked(arguments: argparse.Namespace, files: list[Path], teller: Teller) -> "SelfCheck":
    from ..doctor.selfcheck import Task, self_check  # noqa: PLC0415  (torch)
    from ..opening import engine_options  # noqa: PLC0415

    settings = load_settings(overrides(arguments))
    task = Task(tuple(files), arguments.prompts, arguments.seconds)
    try:
        checked = self_check(engine_options(settings), task, teller.bar)
    finally:
        teller.bar.clear()
    teller.say(figures(checked))
    teller.take(conclude(checked, settings))
    return checked


def _json(findings: list[Finding], checked: "SelfCheck | None") -> str:
    report = {
        "paceline": __version__,
        "state": worst(findings),
        "findings": [asdict(finding) for finding in findings],
        "self_check": None if checked is None else asdict(checked),
    }
    return json.dumps(report, ensure_ascii=False)
