"""Writing a trained decoder as a Hugging Face directory of the Llama shape, and reading it back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from .network import Decoder, Shape
from .tokenizer import END, PAD, settings, special_ids


def config(shape: Shape, tokenizer: Tokenizer) -> dict[str, object]:
    """Content of `config.json` for a decoder of `shape`."""
    ids = special_ids(tokenizer)
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocab,
        "hidden_size": shape.dim,
        "intermediate_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_dim,
        "hidden_act": "silu",
        "max_position_embeddings": shape.context,
        "initializer_range": 0.02,
        "rms_norm_eps": shape.eps,
        "rope_theta": shape.theta,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "use_cache": True,
        "bos_token_id": None,
        "eos_token_id": ids[END],
        "pad_token_id": ids[PAD],
        "torch_dtype": "bfloat16",
    }


def write(folder: Path, model: Decoder, tokenizer_path: Path) -> None:
    """Write config, bfloat16 weights and tokenizer to `folder`, replacing each file in one move."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    tensors = {f"model.{name}": t.detach().cpu().to(torch.bfloat16) for name, t in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors.new", metadata={"format": "pt"})
    (folder / "config.json.new").write_text(json.dumps(config(model.shape, tokenizer), indent=2) + "\n")
    shutil.copyfile(tokenizer_path, folder / "tokenizer.json.new")
    (folder / "tokenizer_config.json.new").write_text(settings(model.shape.context))
    for path in sorted(folder.glob("*.new")):
        path.chmod(0o644)
        path.rename(path.with_suffix(""))


def shape_of(folder: Path) -> Shape:
    """The shape that a directory made by `write` states."""
    facts = json.loads((folder / "config.json").read_text())
    return Shape(
        vocab=facts["vocab_size"],
        dim=facts["hidden_size"],
        layers=facts["num_hidden_layers"],
        heads=facts["num_attention_heads"],
        kv_heads=facts["num_key_value_heads"],
        head_dim=facts["head_dim"],
        hidden=facts["intermediate_size"],
        context=facts["max_position_embeddings"],
        theta=facts["rope_theta"],
        eps=facts["rms_norm_eps"],
    )


def read(folder: Path) -> Decoder:
    """Load a directory made by `write` with float32 masters, to continue training or to evaluate."""
    model = Decoder(shape_of(folder))
    tensors = load_file(folder / "model.safetensors")
    model.load_state_dict({name.removeprefix("model."): tensor.float() for name, tensor in tensors.items()})
    return model


def write_pair_facts(folder: Path, name: str, fim_order: str, context: int) -> None:
    """Write `pair.json`: where the two models of a pair lie and how to prompt them."""
    facts = {"name": name, "target": "target", "draft": "draft", "fim_order": fim_order, "context": context}
    beside = folder / "pair.json.new"
    beside.write_text(json.dumps(facts, indent=2) + "\n")
    beside.rename(folder / "pair.json")
