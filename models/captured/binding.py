"""Captured steps for the models of a pair, each tried before it is used."""

from collections.abc import Sequence

import torch

from ..base import LanguageModel
from ..decoder import Decoder
from ..errors import KernelError
from .recorder import GraphRecorder, Recorder
from .step import CapturedStep

TRIED = (5, 1, 2)
"""Widths of the steps of the trial, one after the other."""
ROUNDINGS = 64
"""How far a captured step's logits may lie from the eager one's, which reads its cache in other pieces: this
many roundings of the largest."""


def capture_steps(models: Sequence[LanguageModel], recorder: Recorder | None = None) -> None:
    """Give each native model among ``models``, which are on one CUDA device, its captured step.

    Raises KernelError, with all models as they were, if there is none, or if what was captured fails or
    computes something else than the eager step.
    """
    native = [model for model in models if isinstance(model, Decoder)]
    if not native:
        raise KernelError("This family runs through transformers, whose steps are not captured.")
    try:
        recorder = recorder or GraphRecorder(native[0].device)
        steps = [_tried(model, CapturedStep(model, recorder)) for model in native]
    except RuntimeError as error:
        reason = str(error).partition("\n")[0]
        raise KernelError(f"CUDA graphs cannot be captured here: {reason}") from error
    for model, step in zip(native, steps, strict=True):
        model.compiled = step


@torch.inference_mode()
def _tried(model: Decoder, step: CapturedStep) -> CapturedStep:
    """The step, if it computes what the eager one does when it is played back: the first round records it."""
    room = sum(TRIED) + max(TRIED)
    eager, captured = (model.new_cache(min(room, model.max_context)) for _ in range(2))
    for first in (1, 2):
        eager.rewind(0)
        captured.rewind(0)
        for width in TRIED:
            piece = [(first + index) % model.vocab_size for index in range(width)]
            wanted = model.uncompiled(torch.tensor(piece, device=model.device), eager, width)
            found = step.logits(piece, captured, width, model.vocab_size)
            allowed = ROUNDINGS * torch.finfo(model.dtype).eps * float(wanted.abs().max())
            if not float((found - wanted).abs().max()) <= allowed:
                raise KernelError("CUDA graphs compute something else here than what they were made of.")
    return step
