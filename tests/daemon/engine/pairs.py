"""Real models for engine tests: the bundled pair, a small random pair, and prompts from our own source."""

import json
import random
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from ....models.decoder import Decoder
from ....models.kernel.step import CompiledStep
from ....models.pair import LoadedPair, load_pair
from ....models.pairing import BUNDLED, resolve
from ...harness.steps import team

ROOT = Path(__file__).resolve().parents[3]


def open_pair(directory: str | Path, dtype: str = "f32", *, compiled: bool = False) -> LoadedPair:
    """The pair at ``directory`` (or the bundled one of that name) on the CPU."""
    pair = load_pair(
        resolve(str(directory)), device=torch.device("cpu"), target_dtype=dtype, draft_dtype=dtype
    )
    for model in (pair.target, pair.draft):
        if compiled and isinstance(model, Decoder):
            model.compiled = CompiledStep(model, team())
    return pair


def make_random_pair(directory: Path, seed: int = 0, noise: float = 0.1) -> Path:
    """Write a pair of random Llama checkpoints that share the bundled tokenizer.

    The draft is the target with noise on its weights, so it is right sometimes and wrong often.
    """
    config = {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "vocab_size": json.loads((BUNDLED / "mini/target/config.json").read_text())["vocab_size"],
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
        "hidden_act": "silu",
        "torch_dtype": "float32",
    }
    for role in ("target", "draft"):
        (directory / role).mkdir(parents=True)
        (directory / role / "config.json").write_text(json.dumps(config))
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(BUNDLED / "mini/target" / name, directory / role / name)
    weights = _weights(config, torch.Generator().manual_seed(seed))
    save_file(weights, directory / "target/model.safetensors", {"format": "pt"})
    save_file(_noisy(weights, noise, seed), directory / "draft/model.safetensors", {"format": "pt"})
    (directory / "pair.json").write_text(
        json.dumps({"name": "random", "target": "target", "draft": "draft", "fim_order": "psm"})
    )
    return directory


def ruin_draft(pair: Path) -> None:
    """Overwrite the draft's weights with noise."""
    path = pair / "draft/model.safetensors"
    save_file(_noisy(load_file(path), 10.0, 1), path, {"format": "pt"})


def _weights(config: dict[str, object], source: torch.Generator) -> dict[str, torch.Tensor]:
    dim, hidden, kv = 64, 128, 32
    shapes = {"model.embed_tokens.weight": (config["vocab_size"], dim), "model.norm.weight": (dim,)}
    for layer in range(2):
        at = f"model.layers.{layer}"
        shapes |= {
            f"{at}.self_attn.q_proj.weight": (dim, dim),
            f"{at}.self_attn.k_proj.weight": (kv, dim),
            f"{at}.self_attn.v_proj.weight": (kv, dim),
            f"{at}.self_attn.o_proj.weight": (dim, dim),
            f"{at}.mlp.gate_proj.weight": (hidden, dim),
            f"{at}.mlp.up_proj.weight": (hidden, dim),
            f"{at}.mlp.down_proj.weight": (dim, hidden),
            f"{at}.input_layernorm.weight": (dim,),
            f"{at}.post_attention_layernorm.weight": (dim,),
        }
    return {
        name: torch.ones(shape) if len(shape) == 1 else 0.15 * torch.randn(shape, generator=source)  # type: ignore[arg-type]
        for name, shape in shapes.items()
    }


def _noisy(weights: dict[str, torch.Tensor], noise: float, seed: int) -> dict[str, torch.Tensor]:
    source = torch.Generator().manual_seed(seed + 1)
    return {
        name: tensor + noise * tensor.std().nan_to_num() * torch.randn(tensor.shape, generator=source)
        for name, tensor in weights.items()
    }


def places(count: int, seed: int = 0) -> list[tuple[str, str, str]]:
    """(path, prefix, suffix) of places in our own source, which the bundled pair was not trained on."""
    source = random.Random(seed)
    files = sorted(path for room in ("daemon", "models", "tests") for path in (ROOT / room).rglob("*.py"))
    texts = [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in files]
    texts = [(name, text) for name, text in texts if len(text) > 500]
    chosen = []
    for _ in range(count):
        name, text = source.choice(texts)
        cut = source.randrange(len(text) // 4, len(text))
        chosen.append((name, text[:cut], text[cut:]))
    return chosen
