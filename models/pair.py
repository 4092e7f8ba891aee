"""A pair in memory: its memory plan and its loading."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from .base import LanguageModel
from .checkpoint import load_model
from .config import NotNativeError, parse_config
from .decoder import Decoder
from .device import free_bytes, pick_dtype
from .directory import ModelDirectory
from .errors import MemoryPlanError, UnsupportedModelError
from .fim import FimFormat
from .pairing import PairReport, PairSpec, check_pair, resolve
from .tokenizer import Tokenizer

__all__ = ["LoadedPair", "PairSpec", "check_pair", "load_pair", "needed_bytes", "plan_memory", "resolve"]

RESERVE = 256 << 20  # bytes kept free for activations and the rest of the process


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


def needed_bytes(source: ModelDirectory, dtype: torch.dtype, tokens: int) -> int:
    """Bytes of the weights and of one cache of ``tokens`` positions."""
    try:
        config = parse_config(source.config)
    except NotNativeError:
        return source.parameter_count * dtype.itemsize  # its cache grows as it is used
    return config.parameter_count() * dtype.itemsize + config.kv_bytes(tokens, dtype.itemsize)


def plan_memory(
    report: PairReport, device: torch.device, types: tuple[torch.dtype, torch.dtype], slots: int = 1
) -> int:
    """Bytes that target and draft in ``types``, with ``slots`` full caches each, need on ``device``.

    MemoryPlanError, saying what would fit, if they are not free.
    """
    tokens = report.context * slots
    target = needed_bytes(report.target, types[0], tokens)
    draft = needed_bytes(report.draft, types[1], tokens) if report.draft else 0
    free = free_bytes(device)
    if free is None or target + draft + RESERVE <= free:
        return target + draft
    if draft and target + RESERVE <= free:
        advice = "the target alone would fit, so leave out the draft"
    else:
        advice = "choose a smaller model or a smaller context"
    needed = _gib(target + draft + RESERVE)
    raise MemoryPlanError(
        f"{report.spec.name} needs {needed} on {device} and {_gib(free)} are free; {advice}."
    )


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
    types = (pick_dtype(target_dtype, device), pick_dtype(draft_dtype, device))
    plan_memory(report, device, types, slots)
    tell("check", 1.0)
    target = _load(report.target, device, types[0], lambda part: tell("target", part))
    _round(target, target_dtype)
    draft = None
    if report.draft is not None:
        draft = _load(report.draft, device, types[1], lambda part: tell("draft", part))
        _round(draft, draft_dtype)
    context = min([report.context, *(model.max_context for model in (target, draft) if model)])
    return LoadedPair(spec, target, draft, report.tokenizer, report.fim, report.vocab, context)


def _load(
    source: ModelDirectory, device: torch.device, dtype: torch.dtype, progress: Callable[[float], None]
) -> LanguageModel:
    try:
        return load_model(source.path, device=device, dtype=dtype, progress=progress)
    except torch.OutOfMemoryError:
        pass  # raised anew below: a live traceback would keep the tensors that did fit
    raise MemoryPlanError(
        f"{source.path} does not fit on {device}; choose a smaller model or another device."
    )


def _round(model: LanguageModel, precision: str) -> None:
    """Round the weights to 8-bit integers where the precision says so."""
    if precision != "int8":
        return
    if not isinstance(model, Decoder):
        raise UnsupportedModelError(
            f"A {model.family} model runs through transformers here and cannot be rounded to int8; "
            "use bf16 or f32."
        )
    model.quantise()
