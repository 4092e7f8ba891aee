"""A native decoder's weights bound to the compiled step.

Weights are read where they are, never copied; only norms, biases, scales and rotary tables are held again in
float32. One step is one call for up to ``widest`` tokens, and so is a draft of several steps.
"""

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..base import Choice
from ..config import BLOCK
from ..errors import KernelError
from ..int4 import Int4
from ..kv import DecoderCache
from ..quantise import Int8, Weight
from ..rope import rotary_table
from . import library as c

if TYPE_CHECKING:
    from ..decoder import Decoder, Layer

SCRATCH_BYTES = 32 << 20  # for the partial results of attention
TYPES = {torch.float32: 0, torch.bfloat16: 1, torch.float16: 2, torch.int8: 3}


class Team:
    """Threads that run steps together; shared by the models of a pair, which never run at once."""

    def __init__(self, library: c.Library, size: int) -> None:
        """Start ``size`` - 1 threads; they sleep between steps."""
        self.library = library
        self.size = size
        self.handle = library.new_team(size)

    def __del__(self) -> None:
        self.library.free_team(self.handle)


class CompiledStep:
    """Runs steps of one decoder; not to be used from two threads at once. See ``step.Step``."""

    exact = True

    def __init__(self, decoder: "Decoder", team: Team, context: int | None = None) -> None:
        """Bind the weights, for caches of at most ``context`` tokens (None: as many as the model takes).

        KernelError if the shape, type or device is not one the library knows, or weights have 4 bits.
        """
        _check(decoder, team.library)
        self._team = team
        self._library = team.library
        self.widest = team.library.widest
        self._pairs = team.library.pairs and decoder.dtype == torch.bfloat16
        self._held: list[Tensor] = []
        config = decoder.config
        self.context = min(context or config.context, config.context)
        self._partials = config.heads * (config.head_dim + 2) * 4  # bytes for a token and a block of keys
        layers = (c.Layer * config.layers)(*map(self._layer, decoder.plan))
        rotary = rotary_table(
            config.rope, config.head_dim, self.context, device=torch.device("cpu"), dtype=torch.float32
        )
        embedding, scale = _parts(decoder.embedding)
        shape = c.Shape(
            *(config.vocab, config.dim, config.hidden, config.layers),
            *(config.heads, config.kv_heads, config.head_dim),
            TYPES[embedding.dtype],
            TYPES[decoder.dtype],
            config.eps,
            self._linear(decoder.head, None),
            self._keep(embedding),
            self._floats(scale),
            self._floats(decoder.norm),
            self._floats(rotary),
        )
        self._tokens = (ctypes.c_int32 * self.widest)()
        self._choices = (c.Choice * self.widest)()
        self._task = c.Task(tokens=self._tokens, choices=self._choices)
        self._handle = self._library.new_decoder(shape, layers, team.handle)

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            self._library.free_decoder(self._handle)

    def prepare(self, cache: DecoderCache) -> None:
        """Lay keys and values out as the library reads them."""
        cache.arrange(pairs=self._pairs)

    def logits(self, tokens: Sequence[int], cache: DecoderCache, keep: int, limit: int) -> Tensor:
        """Append ``tokens`` to ``cache``; float32 logits [keep, limit] of the last ``keep`` positions."""
        out = torch.empty(keep, limit)
        self._run(tokens, cache, keep, limit, out)
        return out

    def choose(self, tokens: Sequence[int], cache: DecoderCache, keep: int, limit: int) -> list[Choice]:
        """Append ``tokens``; the likeliest of the first ``limit`` ids after each of the last ``keep``."""
        return self._run(tokens, cache, keep, limit, None)

    def draft(
        self, tokens: Sequence[int], cache: DecoderCache, count: int, limit: int, least: float
    ) -> list[Choice]:
        """Append ``tokens`` and then up to ``count`` - 1 of its own choices; see ``base``."""
        self._run(tokens[:-1], cache, 0, 1, None)
        self._prepare(tokens[-1:], cache, 1, limit, None)
        count = min(count, self.widest)
        done = int(self._library.draft(self._handle, self._task, count, least))
        cache.advance(done)
        return self._chosen(done)

    def _run(
        self, tokens: Sequence[int], cache: DecoderCache, keep: int, limit: int, out: Tensor | None
    ) -> list[Choice]:
        """Steps over ``tokens`` in pieces of at most ``widest``, which change no result.

        Returns the choices of the last ``keep``, or fills ``out`` with their logits.
        """
        count, done = len(tokens), 0
        found: list[Choice] = []
        first = count - keep
        while done < count:
            piece = tokens[done : done + self._wide(cache)]
            kept = max(0, min(len(piece), done + len(piece) - first))
            row = max(0, done - first)
            self._prepare(piece, cache, kept, limit, None if out is None else out[row : row + kept])
            self._library.step(self._handle, self._task)
            cache.advance(len(piece))
            done += len(piece)
            if out is None:
                found += self._chosen(kept)
        return found

    def _wide(self, cache: DecoderCache) -> int:
        """Tokens of a piece, fewer where much is cached: what attention holds for them stays bounded."""
        blocks = (cache.length + self.widest) // BLOCK + 1
        return max(1, min(self.widest, SCRATCH_BYTES // (self._partials * blocks)))

    def _prepare(
        self, tokens: Sequence[int], cache: DecoderCache, keep: int, limit: int, out: Tensor | None
    ) -> None:
        self._tokens[: len(tokens)] = list(tokens)
        if cache.capacity > self.context:
            raise ValueError(f"the step was bound for {self.context} tokens, not {cache.capacity}")
        task = self._task
        task.buffer, task.capacity = cache.address, cache.room
        task.start, task.width, task.keep, task.limit = cache.length, len(tokens), keep, limit
        task.logits = None if out is None else out.data_ptr()

    def _chosen(self, count: int) -> list[Choice]:
        return [Choice(each.token, each.log_probability) for each in self._choices[:count]]

    def _layer(self, layer: "Layer") -> c.Layer:
        return c.Layer(
            self._linear(layer.qkv, layer.qkv_bias),
            self._linear(layer.out, layer.out_bias),
            self._linear(layer.gate_up, layer.gate_up_bias),
            self._linear(layer.down, layer.down_bias),
            self._floats(layer.input_norm),
            self._floats(layer.mlp_norm),
            self._floats(layer.head_norm),
            layer.window or 0,
        )

    def _linear(self, weight: Weight, bias: Tensor | None) -> c.Linear:
        values, scale = _parts(weight)
        return c.Linear(self._keep(values), self._floats(scale), self._floats(bias), *values.shape)

    def _floats(self, values: Tensor | None) -> int | None:
        return None if values is None else self._keep(values.detach().float())

    def _keep(self, values: Tensor) -> int:
        """Address of contiguous values that live as long as this object."""
        held = values.detach().contiguous()
        self._held.append(held)
        return held.data_ptr()


def _parts(weight: Weight) -> tuple[Tensor, Tensor | None]:
    if isinstance(weight, Int4):
        raise KernelError("The compiled step knows no 4-bit weights; int8 runs compiled.")
    return (weight.values, weight.scale) if isinstance(weight, Int8) else (weight, None)


def _check(decoder: "Decoder", library: c.Library) -> None:
    config = decoder.config
    lanes = library.lanes
    uneven = [name for name in ("dim", "hidden", "head_dim") if getattr(config, name) % lanes]
    if decoder.device.type != "cpu":
        raise KernelError(f"The compiled step runs on a processor, and the model is on {decoder.device}.")
    if uneven:
        raise KernelError(f"{uneven[0]} {getattr(config, uneven[0])} is no multiple of {lanes}.")
    if config.head_dim > library.widest_head or config.heads > library.most_sharing * config.kv_heads:
        raise KernelError("The attention heads are of a shape that the compiled step does not know.")
