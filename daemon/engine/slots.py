"""Cached prompts: the tokens of each, the KV of both models for them, and which one a request continues."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...models.base import KVCache, LanguageModel


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """How many leading tokens two sequences share."""
    same, most = 0, min(len(left), len(right)) + 1
    while most - same > 1:  # halves: comparing slices is a hundred times faster than tokens one by one
        middle = (same + most) // 2
        if list(left[same:middle]) == list(right[same:middle]):
            same = middle
        else:
            most = middle
    return same


@dataclass(slots=True)
class Slot:
    """One cached prompt.

    Invariant whenever no forward pass is running: the KV at position i of either cache belongs to
    ``tokens[i]``, so neither cache is longer than ``tokens``.
    """

    target: KVCache
    draft: KVCache | None
    tokens: list[int] = field(default_factory=list)

    def begin(self, prompt: Sequence[int]) -> int:
        """Take over a prompt, keeping the KV of the common prefix. Returns the target tokens reused.

        The last prompt token is always computed again: its logits are needed.
        """
        shared = min(common_prefix(self.tokens, prompt), len(prompt) - 1)
        self.tokens = list(prompt)
        for cache in self._caches():
            cache.rewind(min(cache.length, shared))
        return self.target.length

    def extend(self, emitted: Sequence[int]) -> None:
        """Append a round's tokens and drop the KV of drafted tokens that were rejected.

        The last emitted token is the target's own and has been through neither model yet.
        """
        self.tokens.extend(emitted)
        for cache in self._caches():
            cache.rewind(min(cache.length, len(self.tokens) - 1))

    def settle(self) -> None:
        """Restore the invariant after an interruption, wherever it fell."""
        for cache in self._caches():
            cache.rewind(min(cache.length, len(self.tokens)))

    def check(self) -> None:
        """Raise RuntimeError if the invariant does not hold."""
        for cache in self._caches():
            cache.check()
            if cache.length > len(self.tokens):
                raise RuntimeError(f"{cache.length} positions of KV for {len(self.tokens)} tokens")

    def _caches(self) -> tuple[KVCache, ...]:
        return (self.target,) if self.draft is None else (self.target, self.draft)


class Slots:
    """A fixed number of slots, allocated as they are needed; the least recently used is given up first."""

    def __init__(self, target: LanguageModel, draft: LanguageModel | None, capacity: int, count: int) -> None:
        self._target, self._draft = target, draft
        self.capacity = capacity
        self.count = count
        self._slots: list[Slot] = []  # least recently used first

    @property
    def nbytes(self) -> int:
        """Bytes of KV allocated so far, both models."""
        return sum(cache.nbytes for slot in self._slots for cache in slot._caches())

    def acquire(self, prompt: Sequence[int]) -> Slot:
        """The slot that shares the longest prefix with ``prompt``, made the most recently used.

        A slot that shares less than half of its own tokens is left alone while another can be had: giving
        it up would cost its document a full prefill.
        """
        shared, best = max(
            ((common_prefix(slot.tokens, prompt), slot) for slot in self._slots),
            key=lambda found: found[0],
            default=(0, None),
        )
        if best is None or 2 * shared < len(best.tokens):
            best = self._fresh()
        self._slots = [slot for slot in self._slots if slot is not best] + [best]
        return best

    def _fresh(self) -> Slot:
        if len(self._slots) == self.count:
            return self._slots[0]
        draft = self._draft
        return Slot(
            self._target.new_cache(self.capacity),
            None if draft is None else draft.new_cache(min(self.capacity, draft.max_context)),
        )
