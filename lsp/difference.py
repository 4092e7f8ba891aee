"""What one version of a text has that another has not, found from what the two share in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from .text import Text


@dataclass(frozen=True, slots=True)
class Difference:
    """From offset ``start`` on, ``removed`` stood where now ``inserted`` stands; all around is the same."""

    start: int
    removed: str
    inserted: str

    @property
    def end(self) -> int:
        """Where the inserted text ends in the later version."""
        return self.start + len(self.inserted)


def difference(before: Text, after: Text) -> Difference | None:
    """Return the smallest single replacement that makes ``after`` of ``before``; None where they are equal.

    Costs little for two versions of a document, which have all but a few chunks in common.
    """
    most = min(len(before.chunks), len(after.chunks))
    head = common_start(before.chunks, after.chunks)
    tail = min(common_start(before.chunks[::-1], after.chunks[::-1]), most - head)
    start = before.chars[head]
    old = "".join(before.chunks[head : len(before.chunks) - tail])
    new = "".join(after.chunks[head : len(after.chunks) - tail])
    if old == new:
        return None
    first = common_start(old, new)
    last = common_start(old[first:][::-1], new[first:][::-1])
    return Difference(start + first, old[first : len(old) - last], new[first : len(new) - last])


def common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many first characters, or parts, two texts share."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
