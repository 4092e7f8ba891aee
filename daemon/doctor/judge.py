"""Where two greedy outputs part: is it a tie that rounding broke differently, or a bug.

Greedy speculation promises the tokens of plain decoding. In low precision the sums of a wider pass are
rounded differently, so two tokens with nearly the same logit may change places; nothing else may. The judge
lets the target read the text up to there once more, in one pass and in others of the widths that decoding
has, and looks at how far the two tokens are from the top.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ...models.base import LanguageModel
from ...models.step import Step
from ..bench.statistics import shared

WIDTHS = (1, 2, 3, 5, 9)
TAIL = 45
"""Tokens at the end of the text that are read again in passes of each width."""
ROUNDINGS = 2
"""Either logit may have been rounded once."""

Kind = Literal["tie", "bug"]


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first difference of two outputs, after ``at`` equal tokens.

    ``gap`` is the logit of ``plain`` less that of ``other`` in one pass over the text before it, ``behind``
    how far the worse of the two is from the likeliest token, ``noise`` what rounding may do to such logits.
    """

    at: int
    plain: int
    other: int
    gap: float
    behind: float
    noise: float

    @property
    def kind(self) -> Kind:
        """A tie where both tokens are within the noise of the top; NaN is within nothing."""
        return "tie" if self.behind <= self.noise else "bug"


def judge(
    model: LanguageModel, prompt: Sequence[int], plain: Sequence[int], other: Sequence[int], vocab: int
) -> Divergence:
    """Judge two different outputs of equal length after ``prompt``; ``vocab`` ids count.

    A model whose result does not depend on the width of a pass (steps compiled for a CPU) has no noise: there
    only an exact tie is one. ValueError for equal outputs.
    """
    at = shared(plain, other)
    if at == len(plain):
        raise ValueError("the outputs are the same")
    text = [*prompt, *plain[:at]]
    row = _row(model, text, len(text))[:vocab]
    pair = torch.tensor([plain[at], other[at]], device=row.device)
    left, right = row[pair].tolist()
    noise = 0.0
    step: Step | None = getattr(model, "compiled", None)
    if step is None or not step.exact:
        noise = _noise(model, text, pair, row)
    return Divergence(at, plain[at], other[at], left - right, float(row.max()) - min(left, right), noise)


def _noise(model: LanguageModel, text: list[int], pair: Tensor, whole: Tensor) -> float:
    """How much the two logits' distance varies with the width of the passes, and their own rounding."""
    rows = [whole, *(_row(model, text, width) for width in WIDTHS)]
    gaps = [float(row[pair[0]] - row[pair[1]]) for row in rows]
    rounding = ROUNDINGS * torch.finfo(model.dtype).eps * float(whole[pair].abs().max())
    return max(gaps) - min(gaps) + rounding


@torch.inference_mode()
def _row(model: LanguageModel, text: list[int], width: int) -> Tensor:
    """Logits [V] after ``text``, the end of which is read in passes of ``width`` tokens."""
    cache = model.new_cache(len(text))
    tokens = torch.tensor(text, dtype=torch.long, device=model.device)
    read = max(min(len(text), TAIL) // width, 1) * width if width < len(text) else len(text)
    pieces = [tokens[:-read], *torch.split(tokens[-read:], width)]
    return [model.forward(piece, cache) for piece in pieces if len(piece)][-1][-1]
