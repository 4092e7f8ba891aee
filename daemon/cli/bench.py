"""The verb ``bench``: this machine's figures, ours and our peers', as a table or as JSON."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..protocol import MAX_K, MAX_TOKENS
from ..settings import Settings, load_settings
from . import replay
from .arguments import Parser, add_engine_options, names, real, whole, wholes
from .options import overrides
from .place import InputError
from .terminal import LoadingBar

if TYPE_CHECKING:
    from ..bench.compare import Plan
    from ..bench.synthetic import SyntheticPlan

PROMPTS, SYNTHETIC_PROMPTS = 30, 3


def add(verb: Parser) -> None:
    """Add what the verb takes."""
    verb.description = "Measure plain and speculative decoding here, and peers on the same weights."
    verb.add_argument("files", nargs="*", metavar="FILE", help="code to complete (default: paceline's own)")
    verb.add_argument("--json", action="store_true", help="the report as JSON")
    verb.add_argument(
        "--only", type=names, default=(), metavar="ROWS", help="these rows, such as plain,auto,hf*"
    )
    verb.add_argument(
        "--lengths", type=wholes(1, MAX_TOKENS), default=(16, 128), metavar="N,N", help="tokens to write"
    )
    verb.add_argument(
        "--k",
        type=wholes(1, MAX_K),
        default=(1, 2, 4, 8),
        metavar="N,N",
        help="fixed drafted tokens a round",
    )
    verb.add_argument(
        "--prompts", type=whole(1, 1000), metavar="N", help="so many prompts: 30, or 3 with --synthetic"
    )
    verb.add_argument(
        "--prompt-tokens", type=whole(16, 1 << 20), default=512, metavar="N", help="tokens a prompt, at most"
    )
    verb.add_argument(
        "--repeats", type=whole(1, 1000), default=2, metavar="N", help="runs of each row on each prompt"
    )
    verb.add_argument(
        "--layers",
        type=whole(1, 1000),
        metavar="N",
        help="a target of N layers, where those added change nothing but the time of a step",
    )
    verb.add_argument("--seed", type=whole(0, 1 << 31), default=0, metavar="N", help="of the places in files")
    verb.add_argument(
        "--llama-server", type=Path, metavar="PATH", help="llama.cpp's server, to measure it too"
    )
    verb.add_argument(
        "--serving", action="store_true", help="instead, how soon a daemon answers, and what its socket costs"
    )
    shapes = verb.add_argument_group("synthetic", "any architecture, without its weights")
    shapes.add_argument(
        "--synthetic",
        metavar="SHAPE",
        help="random weights: llama-38m, qwen2.5-coder-7b+0.5b, A.json,B.json…",
    )
    shapes.add_argument(
        "--acceptance", type=real(0, 1), default=0.8, metavar="P", help="each drafted token's, forced"
    )
    _add_typing_options(verb)
    add_engine_options(verb)


def _add_typing_options(verb: argparse.ArgumentParser) -> None:
    options = verb.add_argument_group(
        "typing", "all that is typed and answered goes through the language server"
    )
    options.add_argument(
        "--typing", action="store_true", help="instead, type lines of each FILE again as a person would"
    )
    options.add_argument(
        "--lines", type=whole(1, 100_000), default=10, metavar="N", help="so many lines of each file"
    )
    options.add_argument("--speed", type=real(0.1, 100), default=1.0, metavar="X", help="pauses divided by X")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print. Raises InputError, ModelError or PacelineError."""
    if arguments.layers and (arguments.typing or arguments.serving or arguments.synthetic):
        raise InputError("--layers goes with the table of rows: leave it out, or the other kind of bench")
    if arguments.typing:
        return replay.run(arguments)
    settings = load_settings(overrides(arguments))
    bar = LoadingBar(sys.stderr)
    try:
        report, words = _measured(arguments, settings, bar)
    finally:
        bar.clear()
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n" if arguments.json else words)
    return 0


def _measured(arguments: argparse.Namespace, settings: Settings, bar: LoadingBar) -> tuple[object, str]:
    """The report as plain values and as text."""
    if arguments.serving:
        from ..bench import serving  # noqa: PLC0415  (brings torch, as below)

        served = serving.measure_serving(overrides(arguments), bar)
        return asdict(served), serving.text(served)
    if arguments.synthetic:
        from ..bench import synthetic, synthetic_text  # noqa: PLC0415  (brings torch, as below)

        found = synthetic.measure_shape(_synthetic_plan(arguments, settings), bar)
        return asdict(found), synthetic_text.text(found)
    from ..bench import compare  # noqa: PLC0415  (brings torch, which light verbs must not)
    from ..bench.heavier import heavier  # noqa: PLC0415
    from ..opening import engine_options  # noqa: PLC0415

    with heavier(engine_options(settings), arguments.layers) as options:
        report = compare.compare(options, _plan(arguments), bar)
    return asdict(report), compare.text(report)


def _plan(arguments: argparse.Namespace) -> "Plan":
    from ..bench.compare import Plan  # noqa: PLC0415

    return Plan(
        files=tuple(map(Path, arguments.files)),
        lengths=arguments.lengths,
        ks=arguments.k,
        repeats=arguments.repeats,
        prompts=arguments.prompts or PROMPTS,
        most=arguments.prompt_tokens,
        only=arguments.only,
        seed=arguments.seed,
        server=arguments.llama_server,
    )


def _synthetic_plan(arguments: argparse.Namespace, settings: Settings) -> "SyntheticPlan":
    from ..bench.synthetic import SyntheticPlan  # noqa: PLC0415
    from ..opening import engine_options  # noqa: PLC0415

    return SyntheticPlan(
        shape=arguments.synthetic,
        device=settings.device,
        dtype=settings.target_dtype,
        acceptance=arguments.acceptance,
        ks=arguments.k,
        lengths=arguments.lengths,
        prompt=arguments.prompt_tokens,
        prompts=arguments.prompts or SYNTHETIC_PROMPTS,
        repeats=arguments.repeats,
        seed=arguments.seed,
        threads=settings.threads or 0,
        steps=engine_options(settings).steps,
    )
