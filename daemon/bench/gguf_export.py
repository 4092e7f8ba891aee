"""A loaded model as a GGUF file for llama.cpp: the same weights, in f16 or Q8_0, with the same vocabulary.

Names, metadata and the order of rotary dimensions follow the GGUF specification and llama.cpp's "llama" and
"qwen2" architectures: "llama" turns neighbouring dimensions, so rows of the query and key matrices, which a
checkpoint holds in halves, are interleaved. The ``gguf`` package writes the file (``pip install
paceline[bench]``).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from numpy.typing import NDArray

from ...models.config import DecoderConfig
from ...models.decoder import Decoder
from ...models.errors import UnsupportedModelError
from ...models.naming import Place, places
from .rows import Precision

ARCHITECTURES = {
    "llama": gguf.MODEL_ARCH.LLAMA,
    "mistral": gguf.MODEL_ARCH.LLAMA,
    "qwen2": gguf.MODEL_ARCH.QWEN2,
}
INTERLEAVED = (gguf.MODEL_ARCH.LLAMA,)
TYPES = {
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
}
BLOCK = 32  # numbers in a block of Q8_0; a row that is no multiple of it stays f16, as llama-quantize does


def export_gguf(model: Decoder, tokenizer: Path, out: Path, precision: Precision) -> None:
    """Write ``model`` with the vocabulary in the file ``tokenizer`` (a tokenizer.json) to ``out``.

    Raises UnsupportedModelError for a shape that is not exported.
    """
    architecture = _architecture(model.config)
    writer = gguf.GGUFWriter(out, gguf.MODEL_ARCH_NAMES[architecture])
    _add_shape(writer, model.config)
    writer.add_file_type(TYPES[precision][1])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _add_vocabulary(writer, json.loads(tokenizer.read_bytes()), model.config.vocab)
    for name, values in _tensors(model, architecture):
        _add_tensor(writer, name, values, precision)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _architecture(config: DecoderConfig) -> gguf.MODEL_ARCH:
    plain = config.rope.kind == "default" and not (config.out_bias or config.mlp_bias or any(config.windows))
    found = ARCHITECTURES.get(config.family)
    if found is None or not plain or (config.qkv_bias and config.family == "llama"):
        raise UnsupportedModelError(
            f"A {config.family} model with these options is not exported to GGUF; leave out --llama-server."
        )
    return found


def _add_shape(writer: gguf.GGUFWriter, config: DecoderConfig) -> None:
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.dim)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.hidden)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope.theta)
    writer.add_layer_norm_rms_eps(config.eps)
    writer.add_vocab_size(config.vocab)


def _add_vocabulary(writer: gguf.GGUFWriter, definition: Mapping[str, Any], size: int) -> None:
    """The byte-level BPE of a tokenizer.json; ids that stand for no token are marked unused.

    Control tokens get names that mean nothing to llama.cpp, which would otherwise never write those that it
    takes for ends: all arms go on past an end. The one it must have as an end is one that no text has.
    """
    tokens = [f"[unused {token}]" for token in range(size)]
    kinds = [gguf.TokenType.UNUSED] * size
    for content, token in definition["model"]["vocab"].items():
        tokens[token], kinds[token] = content, gguf.TokenType.NORMAL
    controls = {entry["content"]: entry["id"] for entry in definition.get("added_tokens") or []}
    for token in controls.values():
        tokens[token], kinds[token] = f"[control {token}]", gguf.TokenType.CONTROL
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in definition["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")  # prompts are sent as ids, so how text would be split is never asked
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_add_bos_token(False)
    writer.add_eos_token_id(end_of(controls, size))


def end_of(controls: Mapping[str, int], size: int) -> int:
    """An id that is not written: a padding token, else the last control token, else the last id of all."""
    padding = [token for name, token in controls.items() if "pad" in name.lower()]
    return (padding or sorted(controls.values()) or [size - 1])[-1]


def _tensors(model: Decoder, architecture: gguf.MODEL_ARCH) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Every weight by its name in GGUF, in float32."""
    names = gguf.get_tensor_name_map(architecture, model.config.layers)
    for name, place in places(model).items():
        known = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if known is None:
            raise UnsupportedModelError(f"GGUF has no name for {name}; leave out --llama-server.")
        values = _values(place)
        for part, heads in (("q_proj", model.config.heads), ("k_proj", model.config.kv_heads)):
            if part in name and architecture in INTERLEAVED:
                values = interleave(values, heads)
        yield known, values


def _values(place: Place) -> NDArray[np.float32]:
    values: NDArray[np.float32] = place.view.to(torch.float32).cpu().numpy()
    return values


def interleave(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows [heads * head_dim, …] from halves to neighbours: each head's row i of the second half follows its
    row i of the first.
    """
    split = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return np.ascontiguousarray(split.swapaxes(1, 2).reshape(rows.shape))


def _add_tensor(
    writer: gguf.GGUFWriter, name: str, values: NDArray[np.float32], precision: Precision
) -> None:
    """Matrices in the precision asked for, vectors in f32 as llama.cpp wants them."""
    kind = TYPES[precision][0]
    if values.ndim == 1:
        writer.add_tensor(name, values)
    elif kind is gguf.GGMLQuantizationType.F16 or values.shape[-1] % BLOCK:
        writer.add_tensor(name, values.astype(np.float16))
    else:
        writer.add_tensor(name, gguf.quantize(values, kind), raw_dtype=kind)
