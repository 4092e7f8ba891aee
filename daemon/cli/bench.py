"""The verb ``bench``: this machine's figures, ours and our peers', as a table or as JSON."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..settings import Settings, load_settings
from . import replay
from .options import overrides
from .terminal import LoadingBar

if TYPE_CHECKING:
    from ..bench.compare import Plan
    from ..bench.synthetic import SyntheticPlan

PROMPTS, SYNTHETIC_PROMPTS = 30, 3


def run(arguments: argparse.Namespace) -> int:
    """Measure and print. Raises InputError, ModelError or PacelineError."""
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
