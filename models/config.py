"""Sizes and options of a decoder, read from a checkpoint's ``config.json``.

Both spellings of rotary positions are read: ``rope_theta`` with ``rope_scaling`` (transformers 4) and
``rope_parameters`` (transformers 5). What the native decoder cannot express is reported by NotNativeError,
and the caller turns to the fallback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Any, Literal

from .errors import CheckpointError

RopeKind = Literal["default", "linear", "dynamic", "llama3", "yarn"]
Config = Mapping[str, Any]


class NotNativeError(Exception):
    """The checkpoint is outside what the native decoder expresses; the text says in what."""


_ALIASES = {
    "num_hidden_layers": "n_layer",
    "num_attention_heads": "n_head",
    "hidden_size": "n_embd",
    "max_position_embeddings": "n_positions",
}

BLOCK = 64  # positions; caches hold whole blocks of them


def whole_blocks(tokens: int) -> int:
    """``tokens`` rounded up to whole blocks."""
    return -(-tokens // BLOCK) * BLOCK


@dataclass(frozen=True, slots=True)
class Rope:
    """Rotary positions: base ``theta`` and a scaling; what a kind does not use keeps its default."""

    kind: RopeKind = "default"
    theta: float = 10_000.0
    factor: float = 1.0
    low_freq: float = 1.0
    high_freq: float = 4.0
    original_context: int = 0
    beta_fast: float = 32.0
    beta_slow: float = 1.0
    truncate: bool = True
    attention_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """Shape of a Llama-like decoder; ``windows[i]`` is the sliding window of layer i, None for full."""

    family: str
    vocab: int
    dim: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    context: int
    eps: float
    rope: Rope
    windows: tuple[int | None, ...]
    tied: bool
    qkv_bias: bool
    out_bias: bool
    mlp_bias: bool
    qk_norm: bool

    def kv_bytes(self, tokens: int, item: int) -> int:
        """Bytes of keys and values of ``tokens`` positions, in whole blocks, at ``item`` bytes a number."""
        return 2 * self.layers * self.kv_heads * self.head_dim * whole_blocks(tokens) * item

    def parameter_count(self) -> int:
        """Number of weights, a tied output matrix counted once."""
        wide = (self.heads + 2 * self.kv_heads) * self.head_dim
        narrow = self.heads * self.head_dim
        layer = self.dim * (wide + narrow + 3 * self.hidden + 2)
        layer += wide * self.qkv_bias + self.dim * self.out_bias
        layer += (2 * self.hidden + self.dim) * self.mlp_bias
        layer += 2 * self.head_dim * self.qk_norm
        return self.layers * layer + self.vocab * self.dim * (1 if self.tied else 2) + self.dim


@dataclass(frozen=True, slots=True)
class _Family:
    kv_heads: int | None  # value when the key is absent; None: as many as query heads
    head_dim: int | None = None  # None: dim // heads
    qkv_bias: bool | None = None  # None: as ``attention_bias`` says
    out_bias: bool | None = None
    mlp_bias: bool | None = False
    qk_norm: bool = False
    window: Literal["none", "all", "by_layer"] = "none"


_FAMILIES = {
    "llama": _Family(None, mlp_bias=None),
    "mistral": _Family(8, qkv_bias=False, out_bias=False, window="all"),
    "qwen2": _Family(32, qkv_bias=True, out_bias=False, window="by_layer"),
    "qwen3": _Family(32, head_dim=128, qk_norm=True, window="by_layer"),
}


def parse_config(config: Config) -> DecoderConfig:
    """Read and validate ``config`` (the parsed ``config.json``).

    Raises NotNativeError for a family or option the native decoder does not know, and CheckpointError for
    values that make no sense.
    """
    family = config.get("model_type")
    rules = _FAMILIES.get(family) if isinstance(family, str) else None
    if rules is None or not isinstance(family, str):
        raise NotNativeError(f"model_type {family!r}")
    if config.get("hidden_act", "silu") != "silu":
        raise NotNativeError(f"hidden_act {config['hidden_act']!r}")
    if config.get("pretraining_tp", 1) not in (1, None):
        raise NotNativeError("pretraining_tp above 1")
    heads = _count(config, "num_attention_heads")
    layers = _count(config, "num_hidden_layers")
    dim = _count(config, "hidden_size")
    head_dim = _count(config, "head_dim", rules.head_dim or dim // heads)
    kv_heads = _kv_heads(config, rules, heads)
    rope = _rope(config)
    if head_dim % 2 or head_dim == 0:
        raise CheckpointError(_wrong("head_dim", f"{head_dim} is not a positive even number"))
    return DecoderConfig(
        family=family,
        vocab=_count(config, "vocab_size"),
        dim=dim,
        hidden=_count(config, "intermediate_size"),
        layers=layers,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        context=_context(config, rope),
        eps=_positive(config, "rms_norm_eps", 1e-6),
        rope=rope,
        windows=_windows(config, rules, layers),
        tied=_flag(config, "tie_word_embeddings"),
        qkv_bias=_option(config, "attention_bias", rules.qkv_bias),
        out_bias=_option(config, "attention_bias", rules.out_bias),
        mlp_bias=_option(config, "mlp_bias", rules.mlp_bias),
        qk_norm=rules.qk_norm,
    )


def number(config: Mapping[str, Any], key: str) -> int | None:
    """A positive whole number of a configuration, also of a larger model's text part or by an old name."""
    inner = config.get("text_config")
    for place in (config, inner if isinstance(inner, Mapping) else {}):
        for name in (key, _ALIASES.get(key, key)):
            value = place.get(name)
            if type(value) is int and value > 0:
                return value
    return None


def _wrong(key: str, why: str) -> str:
    return f"config.json: {key}: {why}; download the model again."


def _count(config: Config, key: str, default: int | None = None) -> int:
    value = config.get(key)
    if value is None:
        value = default
    if type(value) is not int or not 0 < value < 2**31:
        raise CheckpointError(_wrong(key, f"{value!r} is not a positive whole number"))
    return value


def _positive(config: Config, key: str, default: float | None = None) -> float:
    value = config.get(key)
    if value is None:
        value = default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise CheckpointError(_wrong(key, f"{value!r} is not a positive number"))
    return float(value)


def _flag(config: Config, key: str, default: bool = False) -> bool:
    value = config.get(key)
    if value is None:
        return default
    if type(value) is not bool:
        raise CheckpointError(_wrong(key, f"{value!r} is neither true nor false"))
    return value


def _option(config: Config, key: str, fixed: bool | None) -> bool:
    return _flag(config, key) if fixed is None else fixed


def _kv_heads(config: Config, rules: _Family, heads: int) -> int:
    absent = rules.kv_heads if "num_key_value_heads" not in config else None
    kv_heads = _count(config, "num_key_value_heads", absent or heads)
    if heads % kv_heads:
        raise CheckpointError(_wrong("num_key_value_heads", f"{kv_heads} does not divide {heads} heads"))
    return kv_heads


def _windows(config: Config, rules: _Family, layers: int) -> tuple[int | None, ...]:
    full: tuple[int | None, ...] = (None,) * layers
    if rules.window == "none":
        return full
    if rules.window == "all":
        if "sliding_window" in config and config["sliding_window"] is None:
            return full
        return (_count(config, "sliding_window", 4096),) * layers
    if not _flag(config, "use_sliding_window"):
        return full
    window = _count(config, "sliding_window", 4096)
    return tuple(window if slides else None for slides in _sliding_layers(config, layers))


def _sliding_layers(config: Config, layers: int) -> list[bool]:
    types = config.get("layer_types")
    if types is None:
        first = config.get("max_window_layers", 28)
        if type(first) is not int or first < 0:
            raise CheckpointError(_wrong("max_window_layers", f"{first!r} is not a whole number"))
        return [index >= first for index in range(layers)]
    if not isinstance(types, list) or len(types) != layers:
        raise CheckpointError(_wrong("layer_types", f"not a list of {layers} entries"))
    unknown = {str(kind) for kind in types} - {"full_attention", "sliding_attention"}
    if unknown:
        raise NotNativeError(f"layer_types {sorted(unknown)}")
    return [kind == "sliding_attention" for kind in types]


def _rope(config: Config) -> Rope:
    given = config.get("rope_parameters")
    values: Any = given if given is not None else (config.get("rope_scaling") or {})
    if not isinstance(values, Mapping):
        raise CheckpointError(_wrong("rope_parameters", "not a map"))
    if any(isinstance(value, Mapping) for value in values.values()):
        raise NotNativeError("rotary positions that differ between layers")
    kind = values.get("rope_type", values.get("type")) or "default"
    theta = _positive(values, "rope_theta", _positive(config, "rope_theta", 10_000.0))
    if (values.get("partial_rotary_factor") or config.get("partial_rotary_factor") or 1.0) != 1.0:
        raise NotNativeError("partial_rotary_factor")
    if kind == "default":
        return Rope(theta=theta)
    if kind == "linear":
        return Rope("linear", theta, _positive(values, "factor"))
    if kind == "dynamic":  # equals the default up to the trained length, which is all that we allow
        return Rope("dynamic", theta, _positive(values, "factor"))
    if kind == "llama3":
        return _llama3(config, values, theta)
    if kind == "yarn" and not values.get("mscale") and not values.get("mscale_all_dim"):
        return _yarn(config, values, theta)
    raise NotNativeError(f"rope_type {kind!r}")


def _original_context(config: Config, values: Config) -> int:
    if config.get("original_max_position_embeddings") is not None:
        return _count(config, "original_max_position_embeddings")
    return _count(values, "original_max_position_embeddings", _count(config, "max_position_embeddings"))


def _context(config: Config, rope: Rope) -> int:
    context = _count(config, "max_position_embeddings")
    return max(context, int(rope.factor * rope.original_context)) if rope.kind == "yarn" else context


def _attention_factor(values: Config) -> float:
    """YaRN's factor on cosines and sines: as given, else 0.1 ln(factor) + 1 (2309.00071, eq. 22)."""
    factor = _positive(values, "factor")
    return _positive(values, "attention_factor", 0.1 * log(factor) + 1.0 if factor > 1 else 1.0)


def _llama3(config: Config, values: Config, theta: float) -> Rope:
    low, high = _positive(values, "low_freq_factor"), _positive(values, "high_freq_factor")
    if high <= low:
        raise CheckpointError(_wrong("high_freq_factor", f"{high} is not above low_freq_factor {low}"))
    original = _original_context(config, values)
    return Rope("llama3", theta, _positive(values, "factor"), low, high, original)


def _yarn(config: Config, values: Config, theta: float) -> Rope:
    if theta <= 1:
        raise CheckpointError(_wrong("rope_theta", f"{theta} is not above 1"))
    return Rope(
        "yarn",
        theta,
        _positive(values, "factor"),
        original_context=_original_context(config, values),
        beta_fast=_positive(values, "beta_fast", 32.0),
        beta_slow=_positive(values, "beta_slow", 1.0),
        truncate=_flag(values, "truncate", True),
        attention_factor=_attention_factor(values),
    )
