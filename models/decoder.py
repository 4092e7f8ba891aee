"""One decoder for every checkpoint of the Llama shape, at batch size 1.

On a CPU everything goes through the compiled step once there is one (``kernel.step``). Its result for a token
does not depend, not in one bit, on how many tokens are computed beside it: so speculative and plain decoding,
and cold and cached prompts, agree exactly in every precision. On a CUDA device narrow steps are captured
(``captured.step``).

Query, key and value weights are one matrix, and so are gate and up: fewer and larger products. The step
(``Decoder.step``) is a function of tensors only, with no branch on their values, so that it can be
captured for each width and span.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from .base import Choice, KVCache
from .config import DecoderConfig
from .greedy import GreedySteps
from .int4 import pack
from .kv import DecoderCache, Store, causal_mask
from .precision import Rounding, group_of
from .quantise import Weight, linear, quantise, rows
from .rope import rotary_table, rotate

if TYPE_CHECKING:
    from .step import Step

CHUNK = 512  # tokens per step of a long prompt; bounds the memory of masks and activations
GROUPED = 16  # widest step whose grouped query heads become rows of one product
SPAN = 64  # attention reads the filled part rounded up to this, as far as the buffer goes


MATRICES = ("qkv", "out", "gate_up", "down")


def weight(*shape: int, device: torch.device, dtype: torch.dtype) -> nn.Parameter:
    """An unset weight that is never trained."""
    return nn.Parameter(torch.empty(shape, device=device, dtype=dtype), requires_grad=False)


@dataclass(frozen=True, slots=True)
class View:
    """How far attention reads, and a mask for each sliding window in use (None: full); see ``attend``."""

    span: int
    masks: Mapping[int | None, Tensor | None]


class Layer(nn.Module):
    """Weights of one decoder layer; an option that the family lacks is None."""

    def __init__(
        self, config: DecoderConfig, window: int | None, *, device: torch.device, dtype: torch.dtype
    ) -> None:
        """Leave the weights unset; a checkpoint fills them."""
        super().__init__()
        self.config = config
        self.window = window
        c, make = config, partial(weight, device=device, dtype=dtype)
        self.wide = c.heads + 2 * c.kv_heads
        self.input_norm = make(c.dim)
        self.qkv = make(self.wide * c.head_dim, c.dim)
        self.qkv_bias = make(self.wide * c.head_dim) if c.qkv_bias else None
        self.head_norm = make(c.heads + c.kv_heads, c.head_dim) if c.qk_norm else None
        self.out = make(c.dim, c.heads * c.head_dim)
        self.out_bias = make(c.dim) if c.out_bias else None
        self.mlp_norm = make(c.dim)
        self.gate_up = make(2 * c.hidden, c.dim)
        self.gate_up_bias = make(2 * c.hidden) if c.mlp_bias else None
        self.down = make(c.dim, c.hidden)
        self.down_bias = make(c.dim) if c.mlp_bias else None

    def quantise(self, precision: Rounding = "int8") -> None:
        """Round the matrices to integers, once; a shape that 4-bit products do not know takes 8 bits."""
        for name in MATRICES:
            replace_weight(self, name, precision)

    def step(
        self, x: Tensor, positions: Tensor, tables: tuple[Tensor, Tensor], store: Store, view: View
    ) -> Tensor:
        """Apply the layer to x [n, dim], writing keys and values at ``positions`` [n] of ``store``.

        ``tables`` are cosines and signed sines [n, 1, head_dim].
        """
        c = self.config
        y = functional.rms_norm(x, (c.dim,), self.input_norm, c.eps)
        heads = linear(y, self.qkv, self.qkv_bias).view(-1, self.wide, c.head_dim)
        turning = heads[:, : c.heads + c.kv_heads]
        if self.head_norm is not None:
            turning = functional.rms_norm(turning, (c.head_dim,), None, c.eps) * self.head_norm
        turned = rotate(turning, *tables)
        store[0].index_copy_(1, positions, turned[:, c.heads :].transpose(0, 1))
        store[1].index_copy_(1, positions, heads[:, c.heads + c.kv_heads :].transpose(0, 1))
        mixed = attend(turned[:, : c.heads], store, view.span, view.masks[self.window])
        x = project(x, mixed, self.out, self.out_bias)
        y = functional.rms_norm(x, (c.dim,), self.mlp_norm, c.eps)
        gate, up = linear(y, self.gate_up, self.gate_up_bias).chunk(2, -1)
        return project(x, functional.silu(gate) * up, self.down, self.down_bias)


class Decoder(GreedySteps, nn.Module):
    """A decoder with its weights on one device in one type; implements ``base.LanguageModel``."""

    native = True

    def __init__(self, config: DecoderConfig, *, device: torch.device, dtype: torch.dtype) -> None:
        """Allocate unset weights of the shape of ``config``; ``checkpoint.load_model`` fills them."""
        super().__init__()
        self.config = config
        self.device = device
        self.dtype = dtype
        self.embedding = weight(config.vocab, config.dim, device=device, dtype=dtype)
        self.head = self.embedding
        if not config.tied:
            self.head = weight(config.vocab, config.dim, device=device, dtype=dtype)
        self.norm = weight(config.dim, device=device, dtype=dtype)
        layers = [Layer(config, window, device=device, dtype=dtype) for window in config.windows]
        self.layers = nn.ModuleList(layers)
        self.windows = tuple(dict.fromkeys(config.windows))
        self.plan = tuple(layers)
        self.compiled: Step | None = None
        self.rounding: Rounding | None = None
        self.tables = rotary_table(config.rope, config.head_dim, 0, device=device, dtype=dtype)

    @property
    def family(self) -> str:
        """``model_type`` of the checkpoint."""
        return self.config.family

    @property
    def vocab_size(self) -> int:
        """Width of the logits, padding included."""
        return self.config.vocab

    @property
    def max_context(self) -> int:
        """Most tokens the model was made for."""
        return self.config.context

    @property
    def parameter_count(self) -> int:
        """Number of weights, a tied matrix counted once."""
        return self.config.parameter_count()

    @property
    def parameter_bytes(self) -> int:
        """Bytes of the weights, a tied matrix counted once."""
        matrices = [self.embedding, *([] if self.config.tied else [self.head])]
        matrices += [getattr(layer, name) for layer in self.plan for name in MATRICES]
        vectors = self.parameter_count - sum(matrix.numel() for matrix in matrices)
        return sum(matrix.nbytes for matrix in matrices) + vectors * self.dtype.itemsize

    def new_cache(self, capacity: int) -> DecoderCache:
        """An empty cache for ``capacity`` tokens; ValueError unless 1 <= capacity <= max_context."""
        if not 1 <= capacity <= self.max_context:
            raise ValueError(f"capacity {capacity} is not in 1..{self.max_context}")
        if capacity > len(self.tables):
            self.tables = rotary_table(
                self.config.rope, self.config.head_dim, capacity, device=self.device, dtype=self.dtype
            )
        return DecoderCache(self.config, capacity, device=self.device, dtype=self.dtype)

    @torch.inference_mode()
    def forward(self, tokens: Tensor, cache: KVCache, keep: int = 1) -> Tensor:
        """Append ``tokens`` [n] to ``cache``; float32 logits [keep, vocab] of the last ``keep`` positions.

        ValueError unless 1 <= keep <= n; ContextFullError, cache unchanged, when the tokens do not fit.
        """
        compiled = self.compiled  # it may come in at any moment
        held = self._room_for(tokens.shape[0], cache, keep, compiled)
        if compiled is not None:
            return compiled.logits(tokens.tolist(), held, keep, self.vocab_size)
        return self.uncompiled(tokens, held, keep)

    def uncompiled(self, tokens: Tensor, cache: DecoderCache, keep: int) -> Tensor:
        """As ``forward``, by eager steps, for a cache that is laid out for them and has room."""
        outputs = [self._append(piece, cache) for piece in torch.split(tokens, CHUNK)]
        if len(outputs) > 1:
            outputs = [torch.cat(outputs)]
        return self.logits(outputs[0][-keep:])

    def choose(self, tokens: Sequence[int], cache: KVCache, keep: int, limit: int) -> list[Choice]:
        """See ``base.LanguageModel``."""
        compiled = self.compiled
        if compiled is None:
            return super().choose(tokens, cache, keep, limit)
        return compiled.choose(tokens, self._room_for(len(tokens), cache, keep, compiled), keep, limit)

    def draft(
        self, tokens: Sequence[int], cache: KVCache, count: int, limit: int, least: float = 0.0
    ) -> list[Choice]:
        """See ``base.LanguageModel``."""
        compiled = self.compiled
        if compiled is None:
            return super().draft(tokens, cache, count, limit, least)
        held = self._room_for(len(tokens) + count - 1, cache, 1, compiled)
        return compiled.draft(tokens, held, count, limit, least)

    def quantise(self, precision: Rounding = "int8") -> None:
        """Round the matrices to integers, once; a compiled step must be bound after it, not before."""
        self.quantise_ends(precision)
        for layer in self.plan:
            layer.quantise(precision)

    def take_ends(self, device: torch.device) -> None:
        """Allocate, unset, what is outside the layers of a decoder that was made on the device "meta"."""
        self.device = device
        tied = self.head is self.embedding
        for name in ("embedding", "norm", *(() if tied else ("head",))):
            setattr(self, name, weight(*getattr(self, name).shape, device=device, dtype=self.dtype))
        if tied:
            self.head = self.embedding

    def quantise_ends(self, precision: Rounding) -> None:
        """Round the embedding and the output matrix; with 4 bits they stay wide: their error counts most."""
        self.rounding = precision
        if precision == "int4":
            return
        tied = self.head is self.embedding
        replace_weight(self, "embedding", precision)
        if tied:
            del self.head
            self.head = self.embedding
        else:
            replace_weight(self, "head", precision)

    def _room_for(self, count: int, cache: KVCache, keep: int, compiled: "Step | None") -> DecoderCache:
        """The cache as the step at hand reads it, if it is ours and has room."""
        if not isinstance(cache, DecoderCache):
            raise TypeError("the cache belongs to another model")
        if not 1 <= keep <= count:
            raise ValueError(f"keep {keep} is not in 1..{count}")
        cache.require(count)
        if compiled is not None:
            compiled.prepare(cache)
        return cache

    def _append(self, tokens: Tensor, cache: DecoderCache) -> Tensor:
        """One step for n <= CHUNK tokens: hidden states [n, dim]; advances the cache."""
        start, count = cache.length, tokens.shape[0]
        positions = torch.arange(start, start + count, device=self.device)
        hidden = self.step(tokens, positions, cache.layers, self._view(positions, start, cache.capacity))
        cache.advance(count)
        return hidden

    def _view(self, positions: Tensor, start: int, capacity: int) -> View:
        """What an eager step sees: no mask where none is needed, else the filled part rounded up."""
        count = positions.shape[0]
        end = start + count
        if (count == 1 or (start == 0 and count > GROUPED)) and all(
            window is None or end <= window for window in self.windows
        ):
            return View(end, dict.fromkeys(self.windows))
        return self._masked(positions, min(-(-end // SPAN) * SPAN, capacity))

    def _masked(self, positions: Tensor, span: int) -> View:
        """The first ``span`` positions, with a mask for each window."""
        rows = positions
        if 1 < len(rows) <= GROUPED:
            group = self.config.heads // self.config.kv_heads
            rows = rows.unsqueeze(1).expand(-1, group).reshape(-1)
        return View(span, {window: causal_mask(rows, span, window, self.dtype) for window in self.windows})

    def masked_step(self, tokens: Tensor, positions: Tensor, cache: DecoderCache, span: int) -> Tensor:
        """Float32 logits [n, vocab] of n <= GROUPED ``tokens``; attention reads ``span`` positions, masked.

        Fills the cache and does not advance it. Nothing here depends on the values of a tensor.
        """
        return self.logits(self.step(tokens, positions, cache.layers, self._masked(positions, span)))

    def step(self, tokens: Tensor, positions: Tensor, stores: tuple[Store, ...], view: View) -> Tensor:
        """Hidden states [n, dim] of ``tokens`` [n] at ``positions`` [n]; fills ``stores``, one a layer."""
        x = rows(self.embedding, tokens, self.dtype)
        cosine, sine = self.tables.index_select(0, positions).unsqueeze(1).chunk(2, -1)
        for layer, store in zip(self.plan, stores, strict=True):
            x = layer.step(x, positions, (cosine, sine), store, view)
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        """Float32 logits [n, vocab] of hidden states [n, dim]."""
        y = functional.rms_norm(hidden, (self.config.dim,), self.norm, self.config.eps)
        return linear(y, self.head).float()


def attend(q: Tensor, store: Store, span: int, mask: Tensor | None) -> Tensor:
    """Grouped-query attention of q [n, heads, head_dim] over the first ``span`` positions of ``store``.

    The additive ``mask`` is [n * group, span] (or [1, span]) for n <= GROUPED, where the query heads that
    share a key head are rows of one product, else [n, span]; None is causal attention with ``span`` = n, or
    one query that sees all. Keys and values are never copied. Returns [n, heads * head_dim]. Measured on a
    CPU at widths 1 to 9, the rows take 1/1.2 to 1/2 of the time of ``enable_gqa`` in float32, down to 1/10
    in bfloat16.
    """
    n, heads, width = q.shape
    k, v = store[0][:, :span], store[1][:, :span]
    shared = k.shape[0]
    group = heads // shared
    if n <= GROUPED:
        rows = q.view(n, shared, group, width).transpose(0, 1).reshape(1, shared, n * group, width)
        out = functional.scaled_dot_product_attention(rows, k.unsqueeze(0), v.unsqueeze(0), attn_mask=mask)
        return out.view(shared, n, group, width).transpose(0, 1).reshape(n, heads * width)
    split = q.view(n, shared, group, width).permute(1, 2, 0, 3)
    k, v = (t.unsqueeze(1).expand(shared, group, span, width) for t in (k, v))
    out = functional.scaled_dot_product_attention(split, k, v, attn_mask=mask, is_causal=mask is None)
    return out.permute(2, 0, 1, 3).reshape(n, heads * width)


def project(x: Tensor, y: Tensor, weight: Weight, bias: Tensor | None) -> Tensor:
    """Residual x plus a linear map of y, in one operation where there is no bias."""
    if bias is None and isinstance(weight, Tensor):
        return torch.addmm(x, y, weight.t())
    return x + linear(y, weight, bias)


def replace_weight(owner: nn.Module, name: str, precision: Rounding) -> None:
    """Put the rounded form of a weight in its place."""
    wide: Tensor = getattr(owner, name)
    group = group_of(*wide.shape) if precision == "int4" else None
    rounded = quantise(wide) if group is None else pack(wide, group)
    delattr(owner, name)
    setattr(owner, name, rounded)
