"""Models of a shape with random weights, their memory checked first."""

from collections.abc import Mapping
from typing import Any

import torch

from ...models.config import DecoderConfig, NotNativeError, parse_config
from ...models.decoder import Decoder
from ...models.device import free_bytes, pick_dtype
from ...models.errors import MemoryPlanError, UnsupportedModelError
from ...models.naming import places
from ...models.pair import RESERVE
from .shapes import Shape

SPREAD = 0.02  # standard deviation of the weights, as these families are initialised
GIB = 1 << 30


def random_pair(shape: Shape, device: torch.device, dtype: str, tokens: int) -> tuple[Decoder, Decoder]:
    """Target and draft of ``shape`` with random weights, room for ``tokens`` of KV each checked beforehand.

    ``dtype`` is a name as for ``pick_dtype``. Raises MemoryPlanError, UnsupportedModelError.
    """
    configs = [_parsed(shape, config) for config in (shape.target, shape.draft)]
    kind = pick_dtype(dtype, device)
    needed = RESERVE + sum(_bytes(config, kind, tokens) for config in configs)
    free = free_bytes(device)
    if free is not None and needed > free:
        raise MemoryPlanError(
            f"The shape {shape.name} needs {needed / GIB:.1f} GiB on {device} and {free / GIB:.1f} are free; "
            "choose a smaller one or another --dtype."
        )
    target, draft = (_filled(config, device, kind, seed) for seed, config in enumerate(configs))
    return target, draft


def _parsed(shape: Shape, config: Mapping[str, Any]) -> DecoderConfig:
    try:
        return parse_config(config)
    except NotNativeError as reason:
        raise UnsupportedModelError(f"The shape {shape.name} is not decoded here ({reason}).") from None


def _bytes(config: DecoderConfig, dtype: torch.dtype, tokens: int) -> int:
    return config.parameter_count() * dtype.itemsize + config.kv_bytes(tokens, dtype.itemsize)


def _filled(config: DecoderConfig, device: torch.device, dtype: torch.dtype, seed: int) -> Decoder:
    """A decoder with normal weights; scales of norms are one, biases small like weights."""
    decoder = Decoder(config, device=device, dtype=dtype)
    source = torch.Generator(device).manual_seed(seed)
    for name, place in places(decoder).items():
        if name.endswith("norm.weight"):
            place.view.fill_(1.0)
        else:
            place.view.normal_(0.0, SPREAD, generator=source)
    return decoder.eval()
