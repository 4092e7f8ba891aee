"""A pair in memory: its memory plan and its loading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from .base import LanguageModel
from .checkpoint import load_model, not_rounded
from .device import free_bytes, pick_dtype
from .errors import MemoryPlanError
from .fim import FimFormat
from .pairing import PairReport, PairSpec, check_pair, resolve
from .plan import RESERVE, Held, Plan, Size, Terms, plan, remedies, size_of
from .precision import is_rounding
from .tokenizer import Tokenizer

__all__ = [
    "RESERVE",
    "LoadedPair",
    "PairSpec",
    "check_pair",
    "load_pair",
    "plan_memory",
    "plan_of",
    "plan_sizes",
    "resolve",
]

NAMES = {torch.float32: "f32", torch.bfloat16: "bf16", torch.float16: "f16"}


@dataclass(frozen=True, slots=True)
class LoadedPair:
    """A pair in memory. Logits beyond ``vocab`` stand for no token; a slot has up to ``context`` tokens."""

    spec: PairSpec
    target: LanguageModel
    draft: LanguageModel | None
    tokenizer: Tokenizer
    fim: FimFormat | None
    vocab: int
    context: int


@dataclass(frozen=True, slots=True)
class PairPlan:
    """A pair with its memory plan, before any weight is read; ``free`` None where the system does not say."""

    target: Held
    draft: Held | None
    terms: Terms
    plan: Plan
    free: int | None

    @property
    def fits(self) -> bool:
        """Whether it does, as far as the system tells."""
        return self.free is None or self.plan.needed <= self.free

    def advice(self) -> str:
        """What would make it fit, as the last part of a sentence."""
        found = remedies(self.target, self.draft, self.terms, self.free or 0)
        if not found:
            return "choose a smaller model, or a smaller draft"
        return "it would fit with " + " or ".join(f"{each.words} ({_gib(each.needed)})" for each in found)


def plan_of(
    report: PairReport, device: torch.device, precisions: tuple[str, str] = ("auto", "auto"), slots: int = 1
) -> PairPlan:
    """The memory plan of a pair with ``slots`` full caches of each model, on ``device``.

    ``precisions`` of target and draft are names as for ``pick_dtype``. UnsupportedModelError for a precision
    that a model cannot be held in.
    """
    sizes = [
        None if each is None else (each.path.name, size_of(each.config, each.parameter_count))
        for each in (report.target, report.draft)
    ]
    return plan_sizes(sizes, report.context, device, precisions, slots)


def plan_sizes(
    sizes: Sequence[tuple[str, Size] | None],
    context: int,
    device: torch.device,
    precisions: tuple[str, str],
    slots: int,
) -> PairPlan:
    """The same for models that need not be here: name and size of the target, then of the draft or None."""
    held = [
        None if each is None else _held(*each, precision, device)
        for each, precision in zip(sizes, precisions, strict=True)
    ]
    target, draft = held
    if target is None:
        raise ValueError("a pair has a target")
    terms = Terms(context, slots, device.type, torch.get_num_threads())
    return PairPlan(target, draft, terms, plan(target, draft, terms), free_bytes(device))


def plan_memory(
    report: PairReport, device: torch.device, precisions: tuple[str, str] = ("auto", "auto"), slots: int = 1
) -> int:
    """Bytes that the pair needs; MemoryPlanError, saying what would fit, if they are not free."""
    found = plan_of(report, device, precisions, slots)
    if not found.fits:
        raise MemoryPlanError(
            f"{report.spec.name} needs {_gib(found.plan.needed)} on {device} and {_gib(found.free or 0)} are "
            f"free; {found.advice()}."
        )
    return found.plan.needed


def _held(name: str, size: Size, precision: str, device: torch.device) -> Held:
    wide = pick_dtype(precision, device)
    if is_rounding(precision):
        if size.shape is None:
            raise not_rounded(name, precision)
        return Held(size, precision, wide.itemsize)
    return Held(size, NAMES[wide], wide.itemsize)


def _gib(count: int) -> str:
    return f"{count / 2**30:.2f} GiB"


def load_pair(
    spec: PairSpec,
    *,
    device: torch.device,
    target_dtype: str = "auto",
    draft_dtype: str = "auto",
    slots: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> LoadedPair:
    """Check the pair and its memory with ``slots`` caches of each model, then load it.

    Types are names as for ``pick_dtype``. ``progress`` gets "check", "target" or "draft", and 0 to 1. Raises
    what ``check_pair`` does, and MemoryPlanError.
    """
    tell = progress or (lambda _stage, _part: None)
    tell("check", 0.0)
    report = check_pair(spec)
    plan_memory(report, device, (target_dtype, draft_dtype), slots)
    tell("check", 1.0)
    target = load_one(report.target.path, device, target_dtype, lambda part: tell("target", part))
    draft = None
    if report.draft is not None:
        draft = load_one(report.draft.path, device, draft_dtype, lambda part: tell("draft", part))
    context = min([report.context, *(model.max_context for model in (target, draft) if model)])
    return LoadedPair(spec, target, draft, report.tokenizer, report.fim, report.vocab, context)


def load_one(
    directory: Path,
    device: torch.device,
    precision: str,
    progress: Callable[[float], None] | None = None,
) -> LanguageModel:
    """Load one model with its weights held in ``precision``, a name as for ``pick_dtype``.

    Raises ModelError; MemoryPlanError where the device runs out of memory.
    """
    dtype = pick_dtype(precision, device)
    try:
        return load_model(
            directory,
            device=device,
            dtype=dtype,
            rounded=precision if is_rounding(precision) else None,
            progress=progress,
        )
    except torch.OutOfMemoryError:
        pass  # raised anew below: a live traceback would keep the tensors that did fit
    raise MemoryPlanError(f"{directory} does not fit on {device}; choose a smaller model or another device.")
