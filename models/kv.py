"""Keys and values of one sequence, in one buffer allocated once; rewinding only moves a length."""

import torch
from torch import Tensor

from .config import BLOCK, DecoderConfig, whole_blocks
from .errors import ContextFullError

Store = tuple[Tensor, Tensor]  # keys and values of a layer, each [kv_heads, room, head_dim]


class DecoderCache:
    """Buffer [layers, 2 * kv_heads, room, head_dim]: a layer's key heads, then its value heads.

    The room is the capacity rounded up to whole blocks. Compiled steps want the keys of each block transposed
    (``arrange``); a cache once arranged stays so.
    """

    def __init__(
        self, config: DecoderConfig, capacity: int, *, device: torch.device, dtype: torch.dtype
    ) -> None:
        """Allocate for ``capacity`` >= 1 tokens; zeroed, because masked positions are still multiplied."""
        shape = (config.layers, 2 * config.kv_heads, whole_blocks(capacity), config.head_dim)
        self.buffer = torch.zeros(shape, device=device, dtype=dtype)
        self.address = self.buffer.data_ptr()
        half = config.kv_heads
        self.layers: tuple[Store, ...] = tuple((layer[:half], layer[half:]) for layer in self.buffer)
        self.capacity = capacity
        self.room = self.buffer.shape[2]
        self.arranged = False
        self._length = 0

    @torch.inference_mode()
    def arrange(self, *, pairs: bool) -> None:
        """Lay keys and values out as the compiled step reads them, if they do not lie so yet.

        The keys of a block become [head_dim, BLOCK]. With ``pairs``, each two rows of a block of keys or
        values then lie side by side: [head_dim / 2, BLOCK, 2] and [BLOCK / 2, head_dim, 2].
        """
        if self.arranged:
            return
        layers, heads, room, width = self.buffer.shape
        blocks = self.buffer.view(layers, heads, room // BLOCK, BLOCK, width)
        keys, values = blocks[:, : heads // 2], blocks[:, heads // 2 :]
        keys.copy_(keys.transpose(-1, -2).contiguous().view(keys.shape))
        if pairs:
            for kept, columns in ((keys, BLOCK), (values, width)):
                rows = kept.reshape(*kept.shape[:3], -1, 2, columns)
                kept.copy_(rows.transpose(-1, -2).reshape(kept.shape))
        self.arranged = True

    @property
    def length(self) -> int:
        """Tokens held."""
        return self._length

    @property
    def nbytes(self) -> int:
        """Bytes of the buffer."""
        return self.buffer.nbytes

    def rewind(self, length: int) -> None:
        """Keep the first ``length`` tokens; ValueError unless 0 <= length <= self.length."""
        if not 0 <= length <= self._length:
            raise ValueError(f"cannot rewind a cache of {self._length} tokens to {length}")
        self._length = length

    def require(self, count: int) -> None:
        """Raise ContextFullError unless ``count`` tokens more fit."""
        if self._length + count > self.capacity:
            raise ContextFullError(
                f"The context of {self.capacity} tokens is full; shorten the prompt or set a larger context."
            )

    def advance(self, count: int) -> None:
        """Take in ``count`` tokens that were just written."""
        self._length += count

    def check(self) -> None:
        """Raise RuntimeError if the length is out of range or a value in a block in use is not finite."""
        if not 0 <= self._length <= self.capacity:
            raise RuntimeError(f"cache length {self._length} outside 0..{self.capacity}")
        if not bool(torch.isfinite(self.buffer[:, :, : whole_blocks(self._length)]).all()):
            raise RuntimeError(f"cache of {self._length} tokens holds values that are not finite")


def causal_mask(positions: Tensor, span: int, window: int | None, dtype: torch.dtype) -> Tensor:
    """Additive mask [n, span]: 0 where the query at ``positions`` [n] sees the key, else minus infinity."""
    columns = torch.arange(span, device=positions.device)
    rows = positions.unsqueeze(1)
    hidden = columns > rows
    if window is not None:
        hidden |= columns <= rows - window
    return torch.zeros((), dtype=dtype, device=positions.device).masked_fill(hidden, float("-inf"))
