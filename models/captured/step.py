"""A decoder's step at a few fixed widths and spans of attention, each captured when it is first needed.

Between two replays only a handful of integers change, in one tensor: the tokens, their positions, and where
the first choice goes. A step for fewer tokens than a width is filled up: what it writes behind them lies
past the end of the cache, where the next step overwrites it before anything reads it.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from ..base import Choice
from ..errors import KernelError
from ..greedy import likeliest
from ..kv import DecoderCache
from .recorder import Recorder, Replay

if TYPE_CHECKING:
    from ..decoder import Decoder

WIDTHS = (1, 2, 3, 5, 9, 16)
"""Tokens of a step; wider ones run uncaptured: prompts, whose products keep a GPU busy by themselves."""
WIDEST = WIDTHS[-1]
LEAST_SPAN = 256
"""Attention reads the filled part rounded up to this, or this doubled as often as it takes."""
EXACT_IDS = 1 << 24  # a float32 holds every integer up to it

Key = tuple[int, int, int]
"""Width, span, and number of ids that count."""
Captured = tuple[Replay, Tensor]
"""A graph, and the rotary tables that it reads, even when the decoder has made longer ones since."""


class CapturedStep:
    """Runs steps of one decoder; not to be used from two threads at once. See ``step.Step``."""

    exact = False

    def __init__(self, decoder: "Decoder", recorder: Recorder) -> None:
        """Allocate what graphs read and write. KernelError if the vocabulary is too large for it."""
        if decoder.vocab_size > EXACT_IDS:
            raise KernelError(f"The captured step knows no vocabulary of {decoder.vocab_size} ids.")
        self._decoder = decoder
        self._recorder = recorder
        device = decoder.device
        self._inputs = torch.zeros(3, WIDEST, dtype=torch.long, device=device)
        self._choices = torch.zeros(2, WIDEST, device=device)
        self._logits = torch.zeros(WIDEST, decoder.vocab_size, device=device)
        self._graphs: WeakKeyDictionary[DecoderCache, dict[Key, Captured]] = WeakKeyDictionary()

    @property
    def count(self) -> int:
        """Graphs captured for the caches that are in use."""
        return sum(map(len, self._graphs.values()))

    def prepare(self, cache: DecoderCache) -> None:
        """Nothing: keys and values lie as the uncaptured step has them."""

    @torch.inference_mode()
    def logits(self, tokens: Sequence[int], cache: DecoderCache, keep: int, limit: int) -> Tensor:
        """Append ``tokens`` to ``cache``; float32 logits [keep, limit] of the last ``keep`` positions."""
        if not self._run(tokens, cache, limit):
            return self._uncaptured(tokens, cache, keep, limit)
        return self._logits[len(tokens) - keep : len(tokens), :limit].clone()

    @torch.inference_mode()
    def choose(self, tokens: Sequence[int], cache: DecoderCache, keep: int, limit: int) -> list[Choice]:
        """Append ``tokens``; the likeliest of the first ``limit`` ids after each of the last ``keep``."""
        if not self._run(tokens, cache, limit):
            return likeliest(self._uncaptured(tokens, cache, keep, limit))
        return self._chosen(len(tokens) - keep, len(tokens))

    @torch.inference_mode()
    def draft(
        self, tokens: Sequence[int], cache: DecoderCache, count: int, limit: int, least: float
    ) -> list[Choice]:
        """Append ``tokens`` and then up to ``count`` - 1 of its own choices, each the next one's input."""
        self._append(tokens[:-1], cache, limit)
        count = min(count, WIDEST)
        replay = self._ready(tokens[-1:], cache, 1, count, limit)
        floor = math.log(least) if least > 0 else -math.inf
        done, total = 0, 0.0
        while done < count and total >= floor:
            replay()
            done += 1
            if least > 0:
                total += float(self._choices[0, done - 1])
        cache.advance(done)
        return self._chosen(0, done)

    def _append(self, tokens: Sequence[int], cache: DecoderCache, limit: int) -> None:
        if tokens and not self._run(tokens, cache, limit):
            self._uncaptured(tokens, cache, 1, limit)

    def _run(self, tokens: Sequence[int], cache: DecoderCache, limit: int) -> bool:
        """One step over ``tokens`` from a graph; False where none is so wide, or no room to fill it up."""
        width = next((width for width in WIDTHS if width >= len(tokens)), None)
        if width is None or cache.length + width > cache.capacity:
            return False
        self._ready(tokens, cache, width, width, limit)()
        cache.advance(len(tokens))
        return True

    def _ready(
        self, tokens: Sequence[int], cache: DecoderCache, width: int, reach: int, limit: int
    ) -> Replay:
        """Set the inputs and return the step that reads them, and sees ``reach`` tokens past the end."""
        start = cache.length
        key = (width, span_of(start + reach, cache.room), limit)
        graphs = self._graphs.setdefault(cache, {})
        if key not in graphs:
            self._write(tokens, start, width)
            replay = self._recorder.record(lambda: self._body(cache, key))
            graphs[key] = replay, self._decoder.tables
        self._write(tokens, start, width)
        return graphs[key][0]

    def _write(self, tokens: Sequence[int], start: int, width: int) -> None:
        rows = torch.zeros(3, WIDEST, dtype=torch.long)
        rows[0, : len(tokens)] = torch.tensor(tokens)
        rows[1, :width] = torch.arange(start, start + width)
        self._inputs.copy_(rows)

    def _body(self, cache: DecoderCache, key: Key) -> None:
        """What is captured. A step of one token leaves its choice as the input of the step after it."""
        width, span, limit = key
        tokens, positions, place = self._inputs[0, :width], self._inputs[1, :width], self._inputs[2, :1]
        logits = self._decoder.masked_step(tokens, positions, cache, span)
        self._logits[:width].copy_(logits)
        values, ids = logits[:, :limit].log_softmax(-1).max(-1)
        found = torch.stack((values, ids.float()))
        if width > 1:
            self._choices[:, :width].copy_(found)
            return
        self._choices.index_copy_(1, place, found)
        tokens.copy_(ids)
        positions.add_(1)
        place.add_(1)

    def _chosen(self, start: int, end: int) -> list[Choice]:
        """The choices that the last replays left, read from the device in one go."""
        values, ids = self._choices[:, start:end].tolist()
        return [Choice(int(token), value) for token, value in zip(ids, values, strict=True)]

    def _uncaptured(self, tokens: Sequence[int], cache: DecoderCache, keep: int, limit: int) -> Tensor:
        feed = torch.tensor(tokens, dtype=torch.long, device=self._decoder.device)
        return self._decoder.uncompiled(feed, cache, keep)[:, :limit]


def span_of(end: int, room: int) -> int:
    """How far a step reads whose last token stands before ``end``, in a cache of ``room`` tokens."""
    span = LEAST_SPAN
    while span < end:
        span *= 2
    return min(span, room)
