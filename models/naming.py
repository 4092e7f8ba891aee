"""Where each tensor of a checkpoint goes in the native decoder."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .decoder import Decoder, Layer


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a weight to fill, and the shape its tensor has in the checkpoint (it may be broadcast)."""

    view: Tensor
    shape: tuple[int, ...]


def places(decoder: Decoder) -> dict[str, Place]:
    """Every tensor name that a checkpoint of this shape must hold, with its place."""
    found = end_places(decoder)
    for index in range(len(decoder.plan)):
        found |= layer_places(decoder, index)
    return found


def end_places(decoder: Decoder) -> dict[str, Place]:
    """Those of embedding, last norm and output matrix."""
    found = {
        "model.embed_tokens.weight": _whole(decoder.embedding),
        "model.norm.weight": _whole(decoder.norm),
    }
    if not decoder.config.tied:
        found["lm_head.weight"] = _whole(decoder.head)
    return found


def layer_places(decoder: Decoder, index: int) -> dict[str, Place]:
    """Those of one layer."""
    return {f"model.layers.{index}.{name}": place for name, place in _layer(decoder.plan[index]).items()}


def ignorable(name: str, tied: bool) -> bool:
    """Whether a checkpoint may hold this tensor although nothing reads it."""
    return name.endswith("rotary_emb.inv_freq") or (tied and name == "lm_head.weight")


def _whole(weight: Tensor) -> Place:
    return Place(weight.data, tuple(weight.shape))


def _layer(layer: Layer) -> dict[str, Place]:
    found = {
        "input_layernorm.weight": _whole(layer.input_norm),
        "post_attention_layernorm.weight": _whole(layer.mlp_norm),
        "self_attn.o_proj.weight": _whole(layer.out),
        "mlp.down_proj.weight": _whole(layer.down),
    }
    c = layer.config
    heads, kv = c.heads * c.head_dim, c.kv_heads * c.head_dim
    attention, gates = ("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj")
    found |= _parts(layer.qkv, "self_attn.{}.weight", attention, (heads, kv, kv))
    found |= _parts(layer.gate_up, "mlp.{}.weight", gates, (c.hidden, c.hidden))
    if layer.qkv_bias is not None:
        found |= _parts(layer.qkv_bias, "self_attn.{}.bias", attention, (heads, kv, kv))
    if layer.gate_up_bias is not None:
        found |= _parts(layer.gate_up_bias, "mlp.{}.bias", gates, (c.hidden, c.hidden))
    if layer.out_bias is not None:
        found["self_attn.o_proj.bias"] = _whole(layer.out_bias)
    if layer.down_bias is not None:
        found["mlp.down_proj.bias"] = _whole(layer.down_bias)
    if layer.head_norm is not None:
        query, key = torch.split(layer.head_norm.data, [c.heads, c.kv_heads])
        found["self_attn.q_norm.weight"] = Place(query, (c.head_dim,))
        found["self_attn.k_norm.weight"] = Place(key, (c.head_dim,))
    return found


def _parts(weight: Tensor, pattern: str, names: tuple[str, ...], rows: tuple[int, ...]) -> dict[str, Place]:
    views = torch.split(weight.data, list(rows))
    return {
        pattern.format(name): Place(view, tuple(view.shape)) for name, view in zip(names, views, strict=True)
    }
