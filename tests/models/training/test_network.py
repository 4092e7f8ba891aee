"""The trained decoder and its export."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, LlamaForCausalLM

from ....models.training import export, network, tokenizer
from ....models.training.network import Decoder, Shape

SHAPE = Shape(vocab=400, dim=48, layers=2, heads=6, kv_heads=2, head_dim=16, hidden=80)


@pytest.fixture
def tokenizer_path(tmp_path: Path) -> Path:
    """A small tokenizer on disk."""
    path = tmp_path / "tokenizer.json"
    tokenizer.train(["def f(a):\n    return a\n" * 30], 400).save(str(path))
    return path


def _model() -> Decoder:
    torch.manual_seed(0)
    model = Decoder(SHAPE)
    for parameter in model.parameters():
        parameter.data = parameter.data.bfloat16().float()
    return model


@pytest.mark.parametrize("length", [1, 100, 128, 129, 300, 1100])
def test_attention_in_blocks_equals_the_fused_kernel(length: int) -> None:
    torch.manual_seed(length)
    q, k, v = torch.randn(2, 6, length, 16), torch.randn(2, 2, length, 16), torch.randn(2, 2, length, 16)
    torch.testing.assert_close(network.blockwise(q, k, v), network.fused_kernel(q, k, v))


def test_an_export_has_the_same_logits_in_transformers(tmp_path: Path, tokenizer_path: Path) -> None:
    model = _model()
    export.write(tmp_path / "out", model, tokenizer_path)
    other = LlamaForCausalLM.from_pretrained(tmp_path / "out", dtype=torch.float32)
    tokens = torch.randint(0, SHAPE.vocab, (2, 150))
    with torch.no_grad():
        torch.testing.assert_close(model.logits(tokens), other(tokens).logits, atol=1e-4, rtol=1e-4)


def test_an_export_reads_back_unchanged(tmp_path: Path, tokenizer_path: Path) -> None:
    model = _model()
    export.write(tmp_path / "out", model, tokenizer_path)
    back = export.read(tmp_path / "out")
    assert back.shape == model.shape
    for name, tensor in model.state_dict().items():
        assert torch.equal(back.state_dict()[name], tensor), name


def test_the_exported_tokenizer_loads_with_its_special_tokens(tmp_path: Path, tokenizer_path: Path) -> None:
    export.write(tmp_path / "out", _model(), tokenizer_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path / "out")
    plain = Tokenizer.from_file(str(tokenizer_path))
    assert loaded.eos_token == tokenizer.END
    assert loaded.pad_token == tokenizer.PAD
    assert loaded.encode("def f(a):") == plain.encode("def f(a):").ids


def test_the_loss_is_the_mean_of_the_logits_cross_entropy() -> None:
    model = _model()
    rows = torch.randint(0, SHAPE.vocab, (3, 40))
    with torch.no_grad():
        logits = model.logits(rows[:, :-1])
        expected = torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        torch.testing.assert_close(model.loss(rows, torch.float32), expected)
