"""Rotary positions (Su et al. 2104.09864) and their scalings, as a table of cosines and sines.

The arithmetic of each scaling follows its source: linear interpolation (2306.15595), the frequency bands of
Llama 3.1, and YaRN (2309.00071). A dynamic scaling equals the plain positions up to the trained length.
"""

import math

import torch
from torch import Tensor

from .config import Rope


def rotary_table(
    rope: Rope, head_dim: int, length: int, *, device: torch.device, dtype: torch.dtype
) -> Tensor:
    """Table [length, 2 * head_dim]: a position's cosines, then its signed sines; angles are in float32.

    The first half of the sines is negated, so that ``rotate`` needs a roll instead of a negated copy.
    """
    inverse, scale = _frequencies(rope, head_dim)
    angles = torch.outer(torch.arange(length, dtype=torch.float32), inverse)
    cosines, sines = angles.cos() * scale, angles.sin() * scale
    return torch.cat([cosines, cosines, -sines, sines], -1).to(dtype).to(device)


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotate x [n, heads, head_dim], halves layout, by cosines and signed sines [n, 1, head_dim]."""
    return torch.addcmul(x * cosine, x.roll(x.shape[-1] // 2, -1), sine)


def _frequencies(rope: Rope, head_dim: int) -> tuple[Tensor, float]:
    """Radians per position [head_dim / 2] and the factor on cosines and sines."""
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim
    inverse = 1.0 / rope.theta**exponents
    if rope.kind == "linear":
        return inverse / rope.factor, 1.0
    if rope.kind == "llama3":
        return _llama3(rope, inverse), 1.0
    if rope.kind == "yarn":
        return _yarn(rope, inverse), rope.attention_factor
    return inverse, 1.0


def _llama3(rope: Rope, inverse: Tensor) -> Tensor:
    """Keep short wavelengths, stretch long ones, blend between."""
    turns = rope.original_context * inverse / (2 * math.pi)
    blend = (turns - rope.low_freq) / (rope.high_freq - rope.low_freq)
    blend = blend.clamp(0.0, 1.0)
    return (1 - blend) * inverse / rope.factor + blend * inverse


def _yarn(rope: Rope, inverse: Tensor) -> Tensor:
    """Blend interpolated and plain frequencies by how often a dimension turns within the trained length."""
    dims = 2 * len(inverse)
    low, high = (_turning_dim(rope, dims, turns) for turns in (rope.beta_fast, rope.beta_slow))
    if rope.truncate:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, dims - 1)
    ramp = (torch.arange(dims // 2, dtype=torch.float32) - low) / ((high - low) or 0.001)
    keep = 1 - ramp.clamp(0.0, 1.0)
    return inverse / rope.factor * (1 - keep) + inverse * keep


def _turning_dim(rope: Rope, dims: int, turns: float) -> float:
    """The dimension whose angle turns ``turns`` times over the trained length."""
    return dims * math.log(rope.original_context / (turns * 2 * math.pi)) / (2 * math.log(rope.theta))
