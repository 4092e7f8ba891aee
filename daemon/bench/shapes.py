"""Shapes of models without their weights: named ones, and any pair of config.json files. No torch.

The Qwen2.5-Coder shapes are those of the published configurations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...models.directory import CONFIG_LIMIT, read_json
from ...models.pairing import BUNDLED
from ..errors import PacelineError


@dataclass(frozen=True, slots=True)
class Shape:
    """Configurations of a target and a draft, as a checkpoint's config.json holds them."""

    name: str
    target: Mapping[str, Any]
    draft: Mapping[str, Any]


def _llama(dim: int, layers: int, heads: int, kv_heads: int, hidden: int) -> dict[str, Any]:
    return {
        "model_type": "llama",
        "vocab_size": 8192,
        "hidden_size": dim,
        "intermediate_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "max_position_embeddings": 4096,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10_000.0,
        "tie_word_embeddings": True,
    }


def _qwen(
    dim: int, layers: int, heads: int, kv_heads: int, hidden: int, *, vocab: int = 151_936, tied: bool = True
) -> dict[str, Any]:
    return {
        "model_type": "qwen2",
        "vocab_size": vocab,
        "hidden_size": dim,
        "intermediate_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "max_position_embeddings": 32_768,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1_000_000.0,
        "tie_word_embeddings": tied,
    }


_QWEN_HALF = _qwen(896, 24, 14, 2, 4864)
NAMED = {
    "llama-38m": (_llama(512, 12, 8, 2, 1408), _llama(128, 2, 4, 2, 352)),
    "qwen2.5-coder-1.5b+0.5b": (_qwen(1536, 28, 12, 2, 8960), _QWEN_HALF),
    "qwen2.5-coder-3b+0.5b": (_qwen(2048, 36, 16, 2, 11_008), _QWEN_HALF),
    "qwen2.5-coder-7b+0.5b": (_qwen(3584, 28, 28, 4, 18_944, vocab=152_064, tied=False), _QWEN_HALF),
}


def find_shape(name: str) -> Shape:
    """The shape of that name, ``mini`` (the bundled pair's), or ``TARGET.json,DRAFT.json``.

    Raises PacelineError for an unknown one.
    """
    if name in NAMED:
        return Shape(name, *NAMED[name])
    if name == "mini":
        folder = BUNDLED / name
        return Shape(
            name, *(read_json(folder / part, "config.json", CONFIG_LIMIT) for part in ("target", "draft"))
        )
    files = [Path(part).expanduser() for part in name.split(",")]
    if len(files) == 2 and all(file.is_file() for file in files):
        return Shape(name, *(read_json(file.parent, file.name, CONFIG_LIMIT) for file in files))
    known = ", ".join((*NAMED, "mini"))
    raise PacelineError(
        f"{name!r} is no shape: give {known}, or two config.json files with a comma between",
        code="invalid_field",
    )
