"""The report on a shape for a person."""

import textwrap
from collections.abc import Sequence

from .steps import Step
from .synthetic import SyntheticReport
from .table import table

WIDTH = 118
GIGA = 1e9


def text(report: SyntheticReport) -> str:
    """The report, at most 120 columns wide."""
    machine = report.hardware
    heads = [
        f"paceline {report.paceline}, synthetic {report.shape}: target {_model(report.target)}, "
        f"draft {_model(report.draft)}, random weights",
        f"steps {report.step}",
        f"{machine.get('gpu', machine['cpu'])}, {machine['cores']} cores, {machine['threads']} threads, "
        f"torch {machine['torch']}, transformers {machine['transformers']}",
        f"prompt of {report.prompt_tokens} random tokens, forced acceptance {report.acceptance:g}",
    ]
    parts = [*(line for head in heads for line in textwrap.wrap(head, WIDTH)), "", *_steps(report)]
    for section in report.lengths:
        predicted = {name: f"{value:.2f}" for name, value in section.predicted.items()}
        parts += [f"{section.tokens} tokens written", table(section.rows, ("predicted ×", predicted))]
    parts += textwrap.wrap(report.method, WIDTH)
    if report.warning:
        parts.append(f"warning: {report.warning}")
    return "\n".join(parts) + "\n"


def _model(facts: dict[str, object]) -> str:
    parameters, size = (float(str(facts[name])) / 1e6 for name in ("parameters", "bytes"))
    return f"{parameters:.1f} M weights in {size:.1f} MB ({facts['dtype']})"


def _steps(report: SyntheticReport) -> list[str]:
    """Single steps: target passes by width, and draft steps in their loop."""
    copy = report.copy_bandwidth
    lines = [f"single steps, after the prompt; the device copies {copy / GIGA:.1f} GB/s (read and written)"]
    verify = [(step, 1) for step in report.steps.verify]
    draft = [(step, step.width) for step in report.steps.draft]
    lines += _list("verify", "width", "v(k)", verify, copy)
    lines += _list("draft loop", "steps", "c", draft, copy)
    return [*lines, ""]


def _list(title: str, count: str, ratio: str, steps: Sequence[tuple[Step, int]], copy: float) -> list[str]:
    head = f"  {title:<11} {count:>6} {'ms':>9} {'ms/pass':>9} {ratio:>7} {'weights GB/s':>13} {'of copy':>8}"
    return [
        head,
        *(
            f"  {'':<11} {step.width:>6} {step.time.median:>9.3f} {step.time.median / passes:>9.3f} "
            f"{step.ratio:>7.3f} {step.bandwidth / GIGA:>13.1f} {step.bandwidth / copy:>8.0%}"
            for step, passes in steps
        ),
    ]
