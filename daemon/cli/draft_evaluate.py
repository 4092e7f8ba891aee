"""``draft evaluate``: every candidate measured on the user's own code, and what to set."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from ..errors import PacelineError
from ..protocol import MAX_K, MAX_TOKENS
from ..settings import config_path, load_settings, sleep_while_waiting, state_dir
from .arguments import EPILOGUE, Verbs, add_engine_options, whole, wholes
from .options import overrides
from .terminal import LoadingBar


def add(subverbs: Verbs) -> None:
    """Add the verb."""
    verb = subverbs.add_parser(
        "evaluate",
        help="rank drafts, lookup and plain decoding by measured time on your code",
        description="Rank drafts, lookup and plain decoding by measured time a character, on your own code.",
        epilog=EPILOGUE,
    )
    verb.add_argument(
        "--on",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="folder with the code to complete (default: this one)",
    )
    verb.add_argument(
        "--candidates",
        nargs="+",
        default=[],
        metavar="DIR",
        help="directories or names of draft models, measured beside the pair's own",
    )
    verb.add_argument(
        "--k",
        type=wholes(1, MAX_K),
        default=(1, 2, 4, 8),
        metavar="N,N",
        help="numbers of drafted tokens to try",
    )
    verb.add_argument(
        "--prompts", type=whole(6, 1000), default=24, metavar="N", help="places to complete at (24)"
    )
    verb.add_argument(
        "--max-tokens", type=whole(1, MAX_TOKENS), default=64, metavar="N", help="at most N tokens each (64)"
    )
    verb.add_argument(
        "--seed", type=whole(0, 1 << 31), default=0, metavar="N", help="of the choice of places"
    )
    verb.add_argument(
        "--repeats",
        type=whole(1, 100),
        default=3,
        metavar="N",
        help="runs of candidates in front at each place; the least time counts (3)",
    )
    verb.add_argument("--json", action="store_true", help="the verdict as JSON")
    add_engine_options(verb)


def run(arguments: argparse.Namespace) -> int:
    """Measure, keep the verdict, print it. Raises InputError, ModelError or PacelineError."""
    sleep_while_waiting()  # as in the daemon, and before torch is there
    from ..evaluation import evaluate, screen  # noqa: PLC0415  (brings torch, which light verbs must not)
    from ..opening import engine_options  # noqa: PLC0415

    settings = load_settings(overrides(arguments))
    plan = evaluate.Plan(
        on=arguments.on,
        drafts=tuple(arguments.candidates),
        ks=arguments.k,
        places=arguments.prompts,
        tokens=arguments.max_tokens,
        repeats=arguments.repeats,
        seed=arguments.seed,
        usual=settings.drafter,
        usual_k=settings.k,
    )
    bar = LoadingBar(sys.stderr)
    try:
        verdict = evaluate.evaluate(engine_options(settings), plan, bar)
    except OSError as error:
        raise PacelineError(
            f"the verdict cannot be kept ({error.strerror or error}): make room in {state_dir()}"
        ) from error
    finally:
        bar.clear()
    if arguments.json:
        sys.stdout.write(json.dumps(asdict(verdict), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(screen.text(verdict) + f"\nSettings file: {config_path()}\n")
    return 0
