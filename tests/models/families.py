"""Small random checkpoints of every family, written by transformers itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

VOCAB = 96
_BASE: dict[str, Any] = {
    "vocab_size": VOCAB,
    "hidden_size": 96,
    "intermediate_size": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
QWEN_TOKENS = (
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
)


@dataclass(frozen=True)
class Family:
    """How to make a configuration, and whether the native decoder takes it."""

    make: Callable[..., transformers.PreTrainedConfig]
    options: dict[str, Any]
    native: bool = True
    shards: bool = False


def _rope(kind: str, theta: float, **more: float) -> dict[str, Any]:
    return {"rope_parameters": {"rope_type": kind, "rope_theta": theta, **more}}


_LLAMA3 = _rope(
    "llama3", 5e5, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32
)
_Llama = transformers.LlamaConfig
FAMILIES = {
    "llama": Family(_Llama, {}),
    "llama-3": Family(_Llama, _LLAMA3 | {"tie_word_embeddings": True}),
    "llama-biases": Family(_Llama, {"attention_bias": True, "mlp_bias": True, "head_dim": 16}),
    "llama-sharded": Family(_Llama, {}, shards=True),
    "narrow-heads": Family(_Llama, {"head_dim": 6}),
    "llama-yarn": Family(_Llama, _rope("yarn", 1e4, factor=4.0, original_max_position_embeddings=64)),
    "llama-dynamic": Family(_Llama, _rope("dynamic", 1e4, factor=2.0)),
    "codellama": Family(_Llama, _rope("default", 1e6) | {"num_key_value_heads": 6, "rms_norm_eps": 1e-5}),
    "deepseek-coder": Family(_Llama, _rope("linear", 1e5, factor=4.0)),
    "seed-coder": Family(_Llama, _rope("default", 5e5) | {"head_dim": 16}),
    "mellum": Family(_Llama, _rope("default", 1e4) | {"num_key_value_heads": 6, "num_hidden_layers": 4}),
    "smollm": Family(
        _Llama, {"tie_word_embeddings": True, "num_attention_heads": 3, "num_key_value_heads": 1}
    ),
    "qwen2": Family(transformers.Qwen2Config, _rope("default", 1e6) | {"tie_word_embeddings": True}),
    "qwen2-windows": Family(
        transformers.Qwen2Config, {"use_sliding_window": True, "sliding_window": 9, "max_window_layers": 1}
    ),
    "qwen3": Family(transformers.Qwen3Config, _rope("default", 1e6) | {"head_dim": 16}),
    "mistral": Family(transformers.MistralConfig, {"sliding_window": 7}),
    "mistral-full": Family(transformers.MistralConfig, {"sliding_window": None, "head_dim": 16}),
    "codestral": Family(transformers.MistralConfig, _rope("default", 1e6) | {"sliding_window": None}),
    "starcoder2": Family(transformers.Starcoder2Config, {"sliding_window": 11}, native=False),
    "gemma": Family(transformers.GemmaConfig, {"head_dim": 16, "hidden_size": 48}, native=False),
    "granite-code": Family(_Llama, {"attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True}),
    "granite-code-20b": Family(transformers.GPTBigCodeConfig, {"multi_query": True}, native=False),
    "granite": Family(
        transformers.GraniteConfig,
        {
            "embedding_multiplier": 12.0,
            "attention_multiplier": 0.1,
            "residual_multiplier": 0.22,
            "logits_scaling": 8.0,
        },
        native=False,
    ),
    "gemma2": Family(transformers.Gemma2Config, {"head_dim": 16, "sliding_window": 8}, native=False),
}


def write(path: Path, name: str, **options: int) -> Any:
    """Save a random model of that family to ``path`` and return the module, in float32."""
    family = FAMILIES[name]
    torch.manual_seed(len(name))
    auto: Any = transformers.AutoModelForCausalLM
    module = auto.from_config(family.make(**(_BASE | family.options | options)))
    with torch.no_grad():
        for weight in module.parameters():
            torch.nn.init.normal_(weight, *((1.0, 0.3) if weight.dim() == 1 else (0.0, 0.2)))
    module.eval().save_pretrained(path, max_shard_size="40KB" if family.shards else "1GB")
    return module


def byte_level(specials: tuple[str, ...] = QWEN_TOKENS, size: int = 400, text: str = "") -> Tokenizer:
    """A byte-level BPE tokenizer like Qwen's: NFC first, special tokens not flagged as special."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([text or Path(__file__).read_text()], trainer)
    tokenizer.add_tokens(list(specials))
    return tokenizer


def sentence_piece(specials: tuple[str, ...] = ("▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>")) -> Tokenizer:
    """A tokenizer spelled like Llama 2's: ``▁`` before and within, byte fallback, a template with ``<s>``."""
    vocab = {"<unk>": 0, "<s>": 1, "</s>": 2} | {f"<0x{byte:02X}>": 3 + byte for byte in range(256)}
    for piece in ("▁", "d", "e", "f", "n", "x", "de", "def", "▁def", "▁▁", "▁▁▁▁", *specials):
        vocab[piece] = len(vocab)
    merges = [("d", "e"), ("de", "f"), ("▁", "def"), ("▁", "▁"), ("▁▁", "▁▁")]
    tokenizer = Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return tokenizer
