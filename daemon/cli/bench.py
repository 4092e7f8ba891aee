"""The verb ``bench``: this machine's figures, ours and our peers', as a table or as JSON."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..settings import Settings, load_settings
from .options import overrides
from .terminal import LoadingBar

if TYPE_CHECKING:
    from ..bench.compare import Plan


def run(arguments: argparse.Namespace) -> int:
    """Measure and print. Raises ModelError or PacelineError."""
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
    from ..bench import compare  # noqa: PLC0415  (brings torch, which light verbs must not)
    from ..opening import engine_options  # noqa: PLC0415

    report = compare.compare(engine_options(settings), _plan(arguments), bar)
    return asdict(report), compare.text(report)


def _plan(arguments: argparse.Namespace) -> "Plan":
    from ..bench.compare import Plan  # noqa: PLC0415

    return Plan(
        files=tuple(map(Path, arguments.files)),
        lengths=arguments.lengths,
        ks=arguments.k,
        repeats=arguments.repeats,
        prompts=arguments.prompts,
        most=arguments.prompt_tokens,
        only=arguments.only,
        seed=arguments.seed,
        server=arguments.llama_server,
    )
