"""Any other causal language model of transformers, with its own module and cache, behind our interface."""

import warnings
from collections.abc import Callable
from typing import Any

import torch
import transformers
from huggingface_hub.errors import StrictDataclassError
from torch import Tensor

from .base import KVCache
from .directory import ModelDirectory
from .errors import CheckpointError, ContextFullError, UnsupportedModelError
from .greedy import GreedySteps

_ATTENTION = {"full_attention", "sliding_attention", "chunked_attention"}
# what a configuration of unsound values raises somewhere inside transformers
_UNSOUND = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    ImportError,
    StrictDataclassError,
)


class TransformersCache:
    """A transformers DynamicCache that keeps every position, so that it can always be rewound.

    Created without the model's configuration, its layers never drop what has left a sliding window; the
    window is then a matter of the mask alone.
    """

    def __init__(self, capacity: int) -> None:
        """An empty cache; ``capacity`` tokens is a limit, memory is taken as it grows."""
        self.inner = transformers.DynamicCache()
        self._capacity = capacity

    @property
    def length(self) -> int:
        """Tokens held."""
        return int(self.inner.get_seq_length())

    @property
    def capacity(self) -> int:
        """Most tokens it may hold."""
        return self._capacity

    @property
    def nbytes(self) -> int:
        """Bytes of the keys and values held now."""
        return sum(layer.keys.nbytes + layer.values.nbytes for layer in self._filled())

    def rewind(self, length: int) -> None:
        """Keep the first ``length`` tokens; ValueError unless 0 <= length <= self.length."""
        if not 0 <= length <= self.length:
            raise ValueError(f"cannot rewind a cache of {self.length} tokens to {length}")
        for layer in self._filled():
            layer.keys = layer.keys[..., :length, :]
            layer.values = layer.values[..., :length, :]

    def check(self) -> None:
        """Raise RuntimeError if the layers disagree about the length."""
        lengths = {layer.keys.shape[-2] for layer in self._filled()}
        if len(lengths) > 1 or self.length > self._capacity:
            raise RuntimeError(f"cache layers hold {sorted(lengths)} tokens, capacity {self._capacity}")

    def _filled(self) -> list[Any]:
        layers: list[Any] = list(self.inner.layers)
        return [layer for layer in layers if layer.is_initialized]


class TransformersModel(GreedySteps):
    """A transformers module at batch size 1; implements ``base.LanguageModel``."""

    native = False

    def __init__(self, module: Any, family: str) -> None:
        """Wrap a loaded module in evaluation mode."""
        self.module = module
        self.family = family
        self.device: torch.device = module.device
        self.dtype: torch.dtype = module.dtype
        text = module.config.get_text_config()
        self.vocab_size = int(text.vocab_size)
        self.max_context = int(getattr(text, "max_position_embeddings", None) or 2048)
        weights = list(module.parameters())  # yields a tied weight once
        self.parameter_count = sum(weight.numel() for weight in weights)
        self.parameter_bytes = sum(weight.nbytes for weight in weights)

    def new_cache(self, capacity: int) -> TransformersCache:
        """An empty cache for ``capacity`` tokens; ValueError unless 1 <= capacity <= max_context."""
        if not 1 <= capacity <= self.max_context:
            raise ValueError(f"capacity {capacity} is not in 1..{self.max_context}")
        return TransformersCache(capacity)

    @torch.inference_mode()
    def forward(self, tokens: Tensor, cache: KVCache, keep: int = 1) -> Tensor:
        """Append ``tokens`` [n] to ``cache``; float32 logits [keep, vocab] of the last ``keep`` positions."""
        if not isinstance(cache, TransformersCache):
            raise TypeError("the cache belongs to another model")
        count = tokens.shape[0]
        if not 1 <= keep <= count:
            raise ValueError(f"keep {keep} is not in 1..{count}")
        start = cache.length
        if start + count > cache.capacity:
            raise ContextFullError(
                f"The context of {cache.capacity} tokens is full; shorten the prompt or set a larger context."
            )
        positions = torch.arange(start, start + count, device=self.device)
        output = self.module(
            input_ids=tokens.unsqueeze(0),
            position_ids=positions.unsqueeze(0),
            past_key_values=cache.inner,
            use_cache=True,
            logits_to_keep=keep,
        )
        logits: Tensor = output.logits[0, -keep:].float()
        return logits


def load_fallback(
    source: ModelDirectory,
    reason: str,
    *,
    device: torch.device,
    dtype: torch.dtype,
    progress: Callable[[float], None] | None = None,
) -> TransformersModel:
    """Load through transformers what the native decoder cannot (``reason``).

    Never runs code of the directory and never asks the network. UnsupportedModelError when transformers does
    not know the model or its state cannot be rewound, CheckpointError when the weights do not load.
    """
    try:
        config: Any = transformers.AutoConfig.from_pretrained(
            source.path, local_files_only=True, trust_remote_code=False
        )
        kinds = set(getattr(config.get_text_config(), "layer_types", None) or ())
    except (*_UNSOUND, OSError) as error:
        raise UnsupportedModelError(_unknown(source, reason, error)) from None
    if kinds - _ATTENTION:
        others = ", ".join(sorted(kinds - _ATTENTION))
        raise UnsupportedModelError(
            f"{source.path} has layers ({others}) whose state cannot be rewound; "
            "use a model with attention layers only."
        )
    if progress is not None:
        progress(0.0)
    _require_weights(source, config, reason)
    module = _module(source, config, dtype, reason)
    module.to(device)
    module.eval()
    if progress is not None:
        progress(1.0)
    return TransformersModel(module, str(source.config["model_type"]))


def _require_weights(source: ModelDirectory, config: Any, reason: str) -> None:
    """Refuse a configuration of more weights than the files hold: transformers would take memory for them."""
    auto: Any = transformers.AutoModelForCausalLM
    try:
        with torch.device("meta"):
            skeleton = auto.from_config(config, trust_remote_code=False)
    except (*_UNSOUND, RuntimeError) as error:
        raise UnsupportedModelError(_unknown(source, reason, error)) from None
    wanted = sum(weight.numel() for weight in skeleton.parameters())  # yields a tied weight once
    if wanted > source.parameter_count:
        raise CheckpointError(
            f"{source.path}: config.json makes {wanted} weights and the files hold {source.parameter_count}, "
            "something is missing or has another shape; download the whole model again."
        )


def _module(source: ModelDirectory, config: Any, dtype: torch.dtype, reason: str) -> Any:
    auto: Any = transformers.AutoModelForCausalLM
    logging: Any = transformers.utils.logging
    logging.disable_progress_bar()
    logging.set_verbosity_error()  # what does not fit is told in one sentence of ours
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module, report = auto.from_pretrained(
                source.path,
                config=config,
                dtype=dtype,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                ignore_mismatched_sizes=True,  # they are found below, and named
                output_loading_info=True,
            )
    except _UNSOUND as error:
        raise UnsupportedModelError(_unknown(source, reason, error)) from None
    except (OSError, RuntimeError) as error:
        raise CheckpointError(
            f"{source.path}: the weights do not load ({_first_line(error)}); download the model again."
        ) from None
    wrong = sorted([*report["missing_keys"], *(name for name, *_ in report["mismatched_keys"])])
    if wrong:
        raise CheckpointError(
            f"{source.path}: {wrong[0]} is missing or has another shape; download the whole model again."
        )
    return module


def _unknown(source: ModelDirectory, reason: str, error: Exception) -> str:
    return (
        f"{source.path} cannot be run: not decoded here ({reason}), and transformers refuses it "
        f"({_first_line(error)}); use another model."
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
