"""Weights held as 8-bit integers with one scale per output row, half the bytes of bf16 to read each step, and
products with weights in any form; ``int4`` has those of 4 bits.

Rounding is symmetric and to nearest, as in LLM.int8() without its outlier path (Dettmers et al. 2208.07339);
activations keep their type, but that the compiled step rounds a token's to 16 bits where the processor
multiplies integers, which costs less than a hundredth of what rounding the weights does.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .int4 import Int4


@dataclass(frozen=True, slots=True, eq=False)
class Int8:
    """A weight [out, in]: ``values`` int8, ``scale`` float32 [out]."""

    values: Tensor
    scale: Tensor

    def numel(self) -> int:
        """Number of weights."""
        return self.values.numel()

    @property
    def nbytes(self) -> int:
        """Bytes of values and scales."""
        return self.values.nbytes + self.scale.nbytes


Weight = Tensor | Int8 | Int4


AT_ONCE = 1 << 22  # weights rounded at a time: what is computed in float32 meanwhile stays small


def quantise(weight: Tensor) -> Int8:
    """Round a weight [out, in] of finite values; a row of zeros stays one."""
    weight = weight.detach()
    values = torch.empty(weight.shape, dtype=torch.int8, device=weight.device)
    scale = torch.empty(len(weight), dtype=torch.float32, device=weight.device)
    step = max(1, AT_ONCE // max(1, weight.shape[1]))
    parts = (torch.split(part, step) for part in (weight, values, scale))
    for wide, narrow, factor in zip(*parts, strict=True):
        rows = wide.float()
        largest = rows.abs().amax(dim=1)
        factor.copy_(torch.where(largest > 0, largest / 127, torch.ones_like(largest)))
        narrow.copy_((rows / factor.unsqueeze(1)).round())
    return Int8(values, scale)


def linear(x: Tensor, weight: Weight, bias: Tensor | None = None) -> Tensor:
    """x [n, in] times the weight, transposed, plus ``bias`` [out]; the result has the type of x."""
    if isinstance(weight, Tensor):
        return functional.linear(x, weight, bias)
    if isinstance(weight, Int4):
        y = weight.product(x)
    else:
        y = functional.linear(x, weight.values.to(x.dtype)) * weight.scale.to(x.dtype)
    return y if bias is None else y + bias


def rows(weight: Tensor | Int8, index: Tensor, dtype: torch.dtype) -> Tensor:
    """Rows [n, in] of an embedding in ``dtype``."""
    if not isinstance(weight, Int8):
        return functional.embedding(index, weight)
    return weight.values[index].to(dtype) * weight.scale[index].to(dtype).unsqueeze(1)
