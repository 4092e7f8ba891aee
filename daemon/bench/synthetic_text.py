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
    parts = [
        f"paceline {report.paceline}, synthetic {report.shape}: target {_model(report.target)}, "
        f"draft {_model(report.draft)}, random weights",
        f"steps {report.step}",
        f"{machine.get('gpu', machine['cpu'])}, {machine['cores']} cores, {machine['threads']} threads, "
        f"torch {machine['torch']}, transformers {machine['transformers']}",
        f"prompt of {report.prompt_tokens} random tokens, forced acceptance {report.acceptance:g}",
        "",
        *_steps(report),
    ]
    for section in report.lengths:
        predicted = {name: f"{value:.2f}" for name, value in section.predicted.items()}
        parts += [f"{section.tokens} tokens written", table(section.rows, ("predicted ×", predicted))]
    parts += textwrap.wrap(report.method, WIDTH)
    if report.warning:
        parts.append(f"warning: {report.warning}")
    return "\n".join(parts) + "\n"


def _model(facts: dict[str, object]) -> str:
    return f"{float(str(facts['parameters'])) / 1e6:.1f} M {facts['dtype']}"


def _steps(report: SyntheticReport) -> list[str]:
    """Single steps: target passes by width, and draft steps in their loop."""
    copy = report.copy_bandwidth
    lines = [f"single steps, after the prompt; the device copies {copy / GIGA:.1f} GB/s (read and written)"]
    lines += _list("verify", "width", "v(k)", report.steps.verify, copy)
    lines += _list("draft loop", "steps", "c", report.steps.draft, copy)
    return [*lines, ""]


def _list(title: str, count: str, ratio: str, steps: Sequence[Step], copy: float) -> list[str]:
    head = f"  {title:<11} {count:>6} {'ms':>9} {ratio:>7} {'weights GB/s':>13} {'of copy':>8}"
    return [
        head,
        *(
            f"  {'':<11} {step.width:>6} {step.time.median:>9.3f} {step.ratio:>7.3f} "
            f"{step.bandwidth / GIGA:>13.1f} {step.bandwidth / copy:>8.0%}"
            for step in steps
        ),
    ]
