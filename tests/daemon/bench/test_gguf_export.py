"""What is written as GGUF is what the model holds, read back by the format's own reader."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ....daemon.bench.gguf_export import end_of, export_gguf, interleave
from ....daemon.bench.rows import Precision
from ....models.checkpoint import load_decoder
from ....models.config import parse_config
from ....models.decoder import Decoder
from ....models.directory import open_directory
from ....models.errors import UnsupportedModelError
from ...models.families import byte_level, write


def exported(folder: Path, family: str, precision: Precision) -> tuple[Decoder, gguf.GGUFReader]:
    """A small random model of that family, and its file."""
    write(folder / "model", family)
    byte_level(size=80).save(str(folder / "model/tokenizer.json"))
    source = open_directory(folder / "model")
    config = parse_config(source.config)
    model = load_decoder(source, config, device=torch.device("cpu"), dtype=torch.float32)
    (folder / "tokenizer.json").write_text(json.dumps(VOCABULARY))
    export_gguf(model, folder / "tokenizer.json", folder / "model.gguf", precision)
    return model, gguf.GGUFReader(folder / "model.gguf")


VOCABULARY = {
    "model": {"vocab": {f"t{index}": index for index in range(60)}, "merges": ["t 1", ["t", "2"]]},
    "added_tokens": [
        {"content": "<|endoftext|>", "id": 60},
        {"content": "<|fim_pad|>", "id": 61},
        {"content": "<|file_sep|>", "id": 62},
    ],
}


def field(reader: gguf.GGUFReader, name: str) -> Any:
    """The value of a metadata key."""
    found = reader.get_field(name)
    assert found is not None, name
    return found.contents()


def tensors(reader: gguf.GGUFReader) -> dict[str, NDArray[np.float32]]:
    """All tensors in float32."""
    return {
        tensor.name: gguf.dequantize(tensor.data, tensor.tensor_type).reshape(
            tuple(reversed(tensor.shape.tolist()))
        )
        for tensor in reader.tensors
    }


def halves(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of neighbouring dimensions back in halves."""
    per_head = [np.concatenate([head[0::2], head[1::2]]) for head in np.split(rows, heads)]
    return np.concatenate(per_head)


@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_weights_come_back(tmp_path: Path, family: str) -> None:
    model, reader = exported(tmp_path, family, "f16")
    found, config = tensors(reader), model.config
    layer = model.plan[1]
    wide, narrow = config.heads * config.head_dim, config.kv_heads * config.head_dim
    query, key, value = torch.split(layer.qkv, [wide, narrow, narrow])
    turn = halves if family == "llama" else lambda rows, _: rows
    expected = {
        "token_embd.weight": model.embedding,
        "output_norm.weight": model.norm,
        "blk.1.attn_v.weight": value,
        "blk.1.attn_output.weight": layer.out,
        "blk.1.ffn_gate.weight": layer.gate_up[: config.hidden],
        "blk.1.ffn_up.weight": layer.gate_up[config.hidden :],
        "blk.1.ffn_down.weight": layer.down,
    }
    for name, weight in expected.items():
        np.testing.assert_allclose(found[name], weight.numpy(), rtol=1e-3, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(
        turn(found["blk.1.attn_q.weight"], config.heads), query.numpy(), rtol=1e-3, atol=1e-6
    )
    np.testing.assert_allclose(
        turn(found["blk.1.attn_k.weight"], config.kv_heads), key.numpy(), rtol=1e-3, atol=1e-6
    )
    assert ("output.weight" in found) is not config.tied
    assert ("blk.0.attn_q.bias" in found) is (family == "qwen2")


def test_shape_and_vocabulary_come_back(tmp_path: Path) -> None:
    model, reader = exported(tmp_path, "codellama", "f16")
    config = model.config
    assert field(reader, "general.architecture") == "llama"
    assert field(reader, "llama.block_count") == config.layers
    assert field(reader, "llama.attention.head_count") == config.heads
    assert field(reader, "llama.attention.head_count_kv") == config.kv_heads
    assert field(reader, "llama.rope.dimension_count") == config.head_dim
    assert field(reader, "llama.rope.freq_base") == config.rope.theta
    assert field(reader, "llama.attention.layer_norm_rms_epsilon") == pytest.approx(config.eps)
    tokens = field(reader, "tokenizer.ggml.tokens")
    assert tokens[:2] == ["t0", "t1"]
    assert tokens[60:63] == [
        "[control 60]",
        "[control 61]",
        "[control 62]",
    ]  # none that llama.cpp takes for an end
    assert len(tokens) == len(set(tokens)) == config.vocab
    assert field(reader, "tokenizer.ggml.merges") == ["t 1", "t 2"]
    assert field(reader, "tokenizer.ggml.eos_token_id") == 61
    kinds = field(reader, "tokenizer.ggml.token_type")
    assert [kinds[at] for at in (0, 60, 63)] == [
        gguf.TokenType.NORMAL,
        gguf.TokenType.CONTROL,
        gguf.TokenType.UNUSED,
    ]


def test_q8_is_near_and_rows_that_do_not_fit_stay_f16(tmp_path: Path) -> None:
    model, reader = exported(tmp_path, "llama", "q8_0")
    kinds, found = {tensor.name: tensor.tensor_type for tensor in reader.tensors}, tensors(reader)
    assert kinds["token_embd.weight"] == gguf.GGMLQuantizationType.Q8_0
    assert kinds["blk.0.ffn_down.weight"] == gguf.GGMLQuantizationType.F16  # 80 is no multiple of 32
    assert kinds["blk.0.attn_norm.weight"] == gguf.GGMLQuantizationType.F32
    embedding = model.embedding.numpy()
    off = np.abs(found["token_embd.weight"] - embedding).max()
    assert 0 < off < np.abs(embedding).max() / 127


def test_interleaving_is_undone_by_taking_every_second_row() -> None:
    rows = np.arange(24, dtype=np.float32).reshape(12, 2)
    np.testing.assert_array_equal(halves(interleave(rows, 2), 2), rows)
    assert interleave(rows, 2)[:4, 0].tolist() == [0, 6, 2, 8]


def test_an_end_that_nothing_writes_is_found() -> None:
    assert end_of({"<|endoftext|>": 0, "<|fim_pad|>": 4, "<|file_sep|>": 6}, 100) == 4
    assert end_of({"<|endoftext|>": 0, "<|file_sep|>": 6}, 100) == 6
    assert end_of({}, 100) == 99


@pytest.mark.parametrize("family", ["llama-biases", "llama-yarn", "mistral", "qwen3"])
def test_shapes_that_are_not_exported_are_refused(tmp_path: Path, family: str) -> None:
    with pytest.raises(UnsupportedModelError, match="leave out --llama-server"):
        exported(tmp_path, family, "f16")
