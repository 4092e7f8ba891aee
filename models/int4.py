"""Weights held as 4-bit integers in groups, each with a scale and a zero, in torch's own packed form.

Rounding is asymmetric and to nearest, the form that ``aten._weight_int4pack_mm`` multiplies: a weight is
(q - 8) * scale + zero, q from 0 to 15. The same packed products are there for processors, in another layout.
"""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from .errors import UnsupportedModelError

LEVELS = 15
MIDDLE = 8
TILES = (8, 4, 2)  # of 16 inputs each, packed together on a CUDA device
TRIAL = (16, 128)  # outputs and inputs of the matrix that packed products are tried with
TRUSTED = 0.02  # of the largest result


@dataclass(frozen=True, slots=True, eq=False)
class Int4:
    """A weight [out, in]: ``packed`` as torch packs it, ``factors`` [in / group, out, 2] scales and zeros."""

    packed: Tensor
    factors: Tensor
    group: int

    def numel(self) -> int:
        """Number of weights."""
        return self.factors.numel() // 2 * self.group

    @property
    def nbytes(self) -> int:
        """Bytes of integers, scales and zeros."""
        return self.packed.nbytes + self.factors.nbytes

    def product(self, x: Tensor) -> Tensor:
        """X [n, in] times the weight, transposed: [n, out]."""
        multiply = torch.ops.aten._weight_int4pack_mm
        if x.device.type == "cpu":
            multiply = torch.ops.aten._weight_int4pack_mm_for_cpu
        found: Tensor = multiply(x.contiguous(), self.packed, self.group, self.factors)
        return found


def pack(weight: Tensor, group: int) -> Int4:
    """Round a weight [out, in] of finite values; its type is that of the scales and zeros.

    UnsupportedModelError where this device's packed products are missing or wrong.
    """
    require_products(weight.device, weight.dtype)
    return _packed(weight, group)


@cache
def require_products(device: torch.device, dtype: torch.dtype) -> None:
    """Try packed products on a small matrix, once; UnsupportedModelError where they cannot be trusted."""
    rows, columns = TRIAL
    ramp = torch.arange(rows * columns, device=device).remainder(97).float().view(rows, columns)
    weight, x = (ramp / 48.5 - 1.0).to(dtype), (ramp[:3] / 97.0).to(dtype)
    try:
        found = _packed(weight, 32).product(x).float()
    except (RuntimeError, NotImplementedError, AttributeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise UnsupportedModelError(f"4-bit weights do not run on {device} ({reason}); use int8.") from None
    quantised, scale, zero = _rounded(weight, 32)
    wanted = x.float() @ _widened(quantised, scale, zero).t()
    if not float((found - wanted).abs().max()) <= TRUSTED * float(wanted.abs().max()):
        raise UnsupportedModelError(f"4-bit products are wrong on {device} with this torch; use int8.")


def _packed(weight: Tensor, group: int) -> Int4:
    quantised, scale, zero = _rounded(weight, group)
    factors = torch.stack((scale, zero), -1).transpose(0, 1).contiguous().to(weight.dtype)
    flat = quantised.flatten(1)
    if weight.device.type == "cpu":
        packed = torch.ops.aten._convert_weight_to_int4pack_for_cpu(flat.int(), 1)
    else:
        tiles = next(count for count in TILES if flat.shape[1] % (16 * count) == 0)
        pairs = flat[:, ::2] << 4 | flat[:, 1::2]
        packed = torch.ops.aten._convert_weight_to_int4pack(pairs.contiguous(), tiles)
    return Int4(packed, factors, group)


def _rounded(weight: Tensor, group: int) -> tuple[Tensor, Tensor, Tensor]:
    """Integers [out, in / group, group] (uint8), and scales and zeros [out, in / group] (float32)."""
    rows, columns = weight.shape
    quantised = torch.empty(rows, columns // group, group, dtype=torch.uint8, device=weight.device)
    scales, zeros = (torch.empty(rows, columns // group, device=weight.device) for _ in range(2))
    step = max(1, (1 << 22) // columns)  # what is computed in float32 meanwhile stays small
    parts = (torch.split(part, step) for part in (weight.detach(), quantised, scales, zeros))
    for wide, narrow, scale, zero in zip(*parts, strict=True):
        groups = wide.float().view(len(wide), -1, group)
        least, most = groups.aminmax(dim=-1)
        scale.copy_(((most - least) / LEVELS).clamp(min=torch.finfo(weight.dtype).tiny * LEVELS))
        zero.copy_(least + MIDDLE * scale)
        narrow.copy_(((groups - least.unsqueeze(-1)) / scale.unsqueeze(-1)).round().clamp(0, LEVELS))
    return quantised, scales, zeros


def _widened(quantised: Tensor, scale: Tensor, zero: Tensor) -> Tensor:
    """Float32 [out, in] of what ``_rounded`` returned."""
    return ((quantised.float() - MIDDLE) * scale.unsqueeze(-1) + zero.unsqueeze(-1)).flatten(1)
