"""The table: what each model is, by its card and its config.json; what is not known is None, never a guess.

Numbers of weights are those of the module that transformers builds from the configuration. Licences are named
as the model's card names them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FREE_LICENCES = frozenset({"Apache-2.0", "MIT"})
"""Licences that permit every use."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model. ``fim`` is its row in ``models.fim``, None: prefix only; ``config`` its shape, if known.

    ``exact`` is False where the number of weights is only what the card says in billions; ``gated``: the hub
    asks for consent to its terms.
    """

    name: str
    hub_id: str
    weights: int
    context: int
    licence: str
    fim: str | None
    config: Mapping[str, Any] | None = field(hash=False)
    gated: bool = False
    exact: bool = True

    @property
    def free(self) -> bool:
        """Whether its licence permits every use."""
        return self.licence in FREE_LICENCES


@dataclass(frozen=True, slots=True)
class CatalogPair:
    """A target with the draft to use; without one, lookup drafts alone. ``remark`` is for the table."""

    target: Model
    draft: Model | None
    remark: str = ""

    @property
    def name(self) -> str:
        """A pair has the name of its target."""
        return self.target.name


_KEYS = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
)


def _shape(family: str, *sizes: int, **more: Any) -> dict[str, Any]:
    """A configuration with ``sizes`` in the order of ``_KEYS``."""
    return {"model_type": family, **dict(zip(_KEYS, sizes, strict=True)), **more}


def _qwen(size: str, weights: int, licence: str, *shape: int, tied: bool = False) -> Model:
    config = _shape("qwen2", *shape, tie_word_embeddings=tied, max_position_embeddings=32768)
    name = f"Qwen2.5-Coder-{size}"
    return Model(name.lower(), f"Qwen/{name}", weights, 32768, licence, "qwen", config)


QWEN_05 = _qwen("0.5B", 494_032_768, "Apache-2.0", 151936, 896, 4864, 24, 14, 2, tied=True)
QWEN_15 = _qwen("1.5B", 1_543_714_304, "Apache-2.0", 151936, 1536, 8960, 28, 12, 2, tied=True)
QWEN_3 = _qwen("3B", 3_085_938_688, "Qwen Research License", 151936, 2048, 11008, 36, 16, 2, tied=True)
QWEN_7 = _qwen("7B", 7_615_616_512, "Apache-2.0", 152064, 3584, 18944, 28, 28, 4)
QWEN_14 = _qwen("14B", 14_770_033_664, "Apache-2.0", 152064, 5120, 13824, 48, 40, 8)
QWEN_32 = _qwen("32B", 32_763_876_352, "Apache-2.0", 152064, 5120, 27648, 64, 40, 8)


def _starcoder2(size: str, weights: int, *shape: int, tied: bool = True) -> Model:
    config = _shape(
        "starcoder2", 49152, *shape, use_bias=True, tie_word_embeddings=tied, max_position_embeddings=16384
    )
    name = f"starcoder2-{size}"
    return Model(name, f"bigcode/{name}", weights, 16384, "BigCode OpenRAIL-M v1", "starcoder2", config)


STARCODER2_3 = _starcoder2("3b", 3_030_371_328, 3072, 12288, 30, 24, 2)
STARCODER2_7 = _starcoder2("7b", 7_173_923_840, 4608, 18432, 32, 36, 4)
STARCODER2_15 = _starcoder2("15b", 15_957_889_024, 6144, 24576, 40, 48, 4, tied=False)


def _deepseek(size: str, weights: int, *shape: int) -> Model:
    config = _shape("llama", 32256, *shape, max_position_embeddings=16384)
    name = f"deepseek-coder-{size}"
    hub_id = f"deepseek-ai/{name}-base"
    return Model(name, hub_id, weights, 16384, "DeepSeek License Agreement", "deepseek", config)


DEEPSEEK_1 = _deepseek("1.3b", 1_346_471_936, 2048, 5504, 24, 16, 16)
DEEPSEEK_7 = _deepseek("6.7b", 6_740_512_768, 4096, 11008, 32, 32, 32)
DEEPSEEK_33 = _deepseek("33b", 33_342_991_360, 7168, 19200, 62, 56, 8)


def _codellama(size: str, weights: int, *shape: int, fim: str | None = "codellama") -> Model:
    config = _shape("llama", *shape, max_position_embeddings=16384)
    hub_id = f"codellama/CodeLlama-{size}-hf"
    return Model(f"codellama-{size}", hub_id, weights, 16384, "Llama 2 Community License", fim, config)


CODELLAMA_7 = _codellama("7b", 6_738_546_688, 32016, 4096, 11008, 32, 32, 32)
CODELLAMA_13 = _codellama("13b", 13_016_028_160, 32016, 5120, 13824, 40, 40, 40)
CODELLAMA_34 = _codellama("34b", 33_743_970_304, 32000, 8192, 22016, 48, 64, 8, fim=None)


def _granite(size: str, weights: int, context: int, config: Mapping[str, Any]) -> Model:
    hub_id = f"ibm-granite/granite-{size}-code-base-{context // 1024}k"
    limits = {"vocab_size": 49152, "max_position_embeddings": context, "tie_word_embeddings": True}
    return Model(
        f"granite-{size}-code", hub_id, weights, context, "Apache-2.0", "starcoder", {**config, **limits}
    )


_BIASES = {"attention_bias": True, "mlp_bias": True}
GRANITE_3 = _granite("3b", 3_482_503_680, 2048, _shape("llama", 49152, 2560, 10240, 32, 32, 32, **_BIASES))
GRANITE_8 = _granite("8b", 8_054_910_976, 4096, _shape("llama", 49152, 4096, 14336, 36, 32, 8, **_BIASES))
_BIGCODE = {"model_type": "gpt_bigcode", "n_embd": 6144, "n_inner": 24576, "n_head": 48, "multi_query": True}
GRANITE_20 = _granite("20b", 20_066_993_152, 8192, {**_BIGCODE, "n_layer": 52, "n_positions": 8192})
GRANITE_34 = _granite("34b", 33_715_603_456, 8192, {**_BIGCODE, "n_layer": 88, "n_positions": 8192})


def _codegemma(size: str, weights: int, *shape: int) -> Model:
    config = _shape("gemma", 256000, *shape, head_dim=256, max_position_embeddings=8192)
    name = f"codegemma-{size}"
    return Model(name, f"google/{name}", weights, 8192, "Gemma Terms of Use", "codegemma", config, gated=True)


CODEGEMMA_2 = _codegemma("2b", 2_506_172_416, 2048, 16384, 18, 8, 1)
CODEGEMMA_7 = _codegemma("7b", 8_537_680_896, 3072, 24576, 28, 16, 16)

SEED = Model(
    "seed-coder-8b",
    "ByteDance-Seed/Seed-Coder-8B-Base",
    8_250_462_208,
    32768,
    "MIT",
    "seed",
    _shape("llama", 155136, 4096, 14336, 32, 32, 8, max_position_embeddings=32768),
)
MELLUM = Model(
    "mellum-4b",
    "JetBrains/Mellum-4b-base",
    4_000_000_000,
    8192,
    "Apache-2.0",
    "mellum",
    None,
    exact=False,
)
CODESTRAL = Model(
    "codestral-22b",
    "mistralai/Codestral-22B-v0.1",
    22_247_282_688,
    32768,
    "Mistral AI Non-Production License",
    "codestral",
    _shape(
        "mistral", 32768, 6144, 16384, 56, 48, 8, head_dim=128, sliding_window=None,
        max_position_embeddings=32768,
    ),
    gated=True,
)  # fmt: skip

_ALONE = "no small draft with its tokens is known"
PAIRS = (
    CatalogPair(QWEN_32, QWEN_15),
    CatalogPair(QWEN_14, QWEN_05),
    CatalogPair(QWEN_7, QWEN_05),
    CatalogPair(QWEN_3, QWEN_05, "not for commercial use"),
    CatalogPair(QWEN_15, QWEN_05),
    CatalogPair(STARCODER2_15, STARCODER2_3),
    CatalogPair(STARCODER2_7, STARCODER2_3),
    CatalogPair(DEEPSEEK_33, DEEPSEEK_1),
    CatalogPair(DEEPSEEK_7, DEEPSEEK_1),
    CatalogPair(CODELLAMA_34, CODELLAMA_7, "sees only the text before the cursor"),
    CatalogPair(CODELLAMA_13, None, _ALONE),
    CatalogPair(CODELLAMA_7, None, _ALONE),
    CatalogPair(GRANITE_34, GRANITE_3, "same tokens not known; check says it"),
    CatalogPair(GRANITE_20, GRANITE_3, "same tokens not known; check says it"),
    CatalogPair(GRANITE_8, GRANITE_3),
    CatalogPair(SEED, None, _ALONE),
    CatalogPair(MELLUM, None, _ALONE),
    CatalogPair(CODEGEMMA_7, CODEGEMMA_2),
    CatalogPair(CODESTRAL, None, _ALONE),
)
