"""``bench --typing``: the writing of files replayed key by key, as a table or as JSON."""

import argparse
import json
import sys
from pathlib import Path

from .options import overrides
from .place import InputError
from .terminal import LoadingBar, complain


def run(arguments: argparse.Namespace) -> int:
    """Replay and print. Raises InputError, PacelineError or ModelError."""
    from ..bench.typing_replay.passage import PassageError  # noqa: PLC0415  (asyncio: no other verb has it)
    from ..bench.typing_replay.run import OWN_FILES, Plan, run_typing  # noqa: PLC0415

    files = tuple(map(Path, arguments.files)) or OWN_FILES
    plan = Plan(files, lines=arguments.lines, seed=arguments.seed, speed=arguments.speed)
    bar = LoadingBar(sys.stderr)
    try:
        replays = run_typing(plan, overrides(arguments), bar)
    except PassageError as error:
        raise InputError(str(error)) from error
    finally:
        bar.clear()
    for name in replays.unasked:
        complain(
            f"nothing was asked for in {name}: a .gitignore, .pacelineignore or secrets pattern excludes it"
        )
    report = json.dumps(replays.as_map(), ensure_ascii=False) + "\n"
    sys.stdout.write(report if arguments.json else replays.table())
    return 0
