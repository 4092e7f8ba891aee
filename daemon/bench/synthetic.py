"""Speed of any architecture without its weights: random ones, and acceptance that is forced."""

import random
from dataclasses import dataclass
from pathlib import Path

import torch

from ... import __version__
from ...models.base import LanguageModel, held_in
from ...models.device import pick_device
from ...models.precision import is_rounding
from ..engine.calibrating import calls_of
from ..engine.compiling import Compiling
from ..engine.pacer.costs import Costs
from ..engine.pacer.decision import Pacer
from ..engine.pacing import MOST
from . import hardware
from .forced_arms import ForcedArm, ForcedHuggingArm, ForcedModels, ForcedPacerArm
from .hugging import module_of
from .random_pair import random_pair
from .records import Arm, Case
from .schedule import Tell, measure
from .shapes import find_shape
from .steps import Steps, copy_bandwidth, time_steps
from .summary import Figures, figures

STEP_REPEATS = 30
SEEN, WRITTEN = 4, 64
"""Answers, and tokens in each, that the pacer has seen before it is measured."""
METHOD = (
    "Weights are random, so the text means nothing and no drafted token would be right. All models run as "
    "they always do: real draft steps, real verify passes, real choice of tokens. Only the verdict is "
    "replaced: each drafted token counts as accepted with the probability given, independently, up to the "
    "first rejection, and transformers is given verdicts drawn in the same way. The pacer knows what steps "
    f"cost here and wrote {SEEN} answers before; nothing is looked up. v(k) and c are measured alone; the "
    "prediction from them is (1-α^(k+1))/(1-α) / (k c + v(k))."
)


@dataclass(frozen=True, slots=True)
class SyntheticPlan:
    """What to measure: a ``shape`` by name, ``prompt`` random tokens, then each of ``lengths`` written.

    Compiled steps are kept in ``steps``, or for this process alone where that is None.
    """

    shape: str
    device: str = "auto"
    dtype: str = "auto"
    acceptance: float = 0.8
    ks: tuple[int, ...] = (1, 2, 4, 8)
    lengths: tuple[int, ...] = (16, 128)
    prompt: int = 512
    prompts: int = 3
    repeats: int = 2
    seed: int = 0
    threads: int = 0
    steps: Path | None = None


@dataclass(frozen=True, slots=True)
class SyntheticSection:
    """The rows at one length; ``predicted`` speed-up over plain by row, from single steps."""

    tokens: int
    baseline: str
    rows: tuple[Figures, ...]
    predicted: dict[str, float]


@dataclass(frozen=True, slots=True)
class SyntheticReport:
    """All that was measured, and on what; bandwidths in bytes a second."""

    paceline: str
    shape: str
    target: dict[str, object]
    draft: dict[str, object]
    step: str
    hardware: dict[str, object]
    others: float | None
    warning: str | None
    acceptance: float
    prompt_tokens: int
    copy_bandwidth: float
    steps: Steps
    lengths: tuple[SyntheticSection, ...]
    method: str


def measure_shape(plan: SyntheticPlan, tell: Tell) -> SyntheticReport:
    """Measure ``plan``; ``tell(stage, fraction)`` hears how far it is. Raises ModelError, PacelineError."""
    before = hardware.now()
    if plan.threads:
        torch.set_num_threads(plan.threads)
    shape, device = find_shape(plan.shape), pick_device(plan.device)
    room = plan.prompt + max(WRITTEN, *plan.lengths) + max(MOST, *plan.ks) + 1
    tell("random weights", 0.0)
    target, draft = random_pair(shape, device, plan.dtype, 2 * room)
    modules = module_of(target, shape.target), module_of(draft, shape.draft)
    if is_rounding(plan.dtype):
        target.quantise(plan.dtype)
        draft.quantise(plan.dtype)
    tell("compiling", 0.0)
    compiling = Compiling((target, draft), plan.steps, torch.get_num_threads(), room)
    compiling.wait()
    bandwidth = copy_bandwidth(device)
    cases = _cases(plan, min(target.vocab_size, draft.vocab_size))
    steps = time_steps(target, draft, cases[0].tokens, ks=plan.ks, repeats=STEP_REPEATS, tell=tell)
    models = ForcedModels(target, draft, room)
    arms: list[Arm] = [
        ForcedArm(f"k{k}" if k else "plain", _label(k), models, k, plan.acceptance) for k in (0, *plan.ks)
    ]
    arms.append(_served(models, plan.acceptance, cases))
    arms += [
        ForcedHuggingArm(f"hf-k{k}" if k else "hf", _hugging_label(k), *modules, k, plan.acceptance)
        for k in (0, *plan.ks)
    ]
    predicted = {f"k{k}": steps.predicted(k, plan.acceptance) for k in plan.ks}
    sections = []
    for count in plan.lengths:
        runs = measure(arms, cases, count, plan.repeats, tell)
        rows = tuple(figures(runs, arm.name, arm.label, baseline="plain", reference="plain") for arm in arms)
        sections.append(SyntheticSection(count, "plain", rows, predicted))
    share = hardware.others(before, hardware.now())
    return SyntheticReport(
        paceline=__version__,
        shape=shape.name,
        target=_facts(target),
        draft=_facts(draft),
        step=compiling.state,
        hardware=hardware.describe(device),
        others=share,
        warning=hardware.warning(share),
        acceptance=plan.acceptance,
        prompt_tokens=plan.prompt,
        copy_bandwidth=bandwidth,
        steps=steps,
        lengths=tuple(sections),
        method=METHOD,
    )


def _served(models: ForcedModels, acceptance: float, cases: list[Case]) -> ForcedPacerArm:
    """A pacer that knows its machine and has seen a few answers, as that of a daemon in use."""
    pacer = Pacer(MOST, Costs(MOST), calls=calls_of(models.draft))
    arm = ForcedPacerArm("auto", "as the pacer chooses", models, acceptance, pacer)
    arm.prepare()
    for turn in range(SEEN):
        arm.run(cases[turn % len(cases)], WRITTEN)
    return arm


def _label(k: int) -> str:
    return f"draft model, k {k}" if k else "plain"


def _hugging_label(k: int) -> str:
    return f"transformers assisted, k {k}" if k else "transformers generate"


def _cases(plan: SyntheticPlan, vocab: int) -> list[Case]:
    """Prompts of random tokens."""
    draw = random.Random(plan.seed)
    prompts = [tuple(draw.randrange(vocab - 1) for _ in range(plan.prompt)) for _ in range(plan.prompts)]
    return [
        Case(f"random {'I' * number}", "random", "", "", "", tokens) for number, tokens in enumerate(prompts)
    ]


def _facts(model: LanguageModel) -> dict[str, object]:
    return {
        "parameters": model.parameter_count,
        "bytes": model.parameter_bytes,
        "dtype": held_in(model),
    }
