"""A recorder that needs no GPU: operations are put down once and done again, all numbers in them fixed.

As in a CUDA graph, what Python decides is decided for good: a replay sees other results only where a tensor
that was there before holds other values.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from ...models.captured.recorder import Replay


class Tape(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """What was done, in order."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.done: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.done.append((func, args, kwargs or {}, result))
        return result

    def replay(self) -> None:
        """Do it again; what an operation made is taken from the operation's repetition."""
        made: dict[int, torch.Tensor] = {}

        def now(value: Any) -> Any:
            return made.get(id(value), value) if isinstance(value, torch.Tensor) else value

        for func, args, kwargs, result in self.done:
            again = func(*tree_map(now, args), **tree_map(now, kwargs))
            for old, new in zip(tree_leaves(result), tree_leaves(again), strict=True):
                if isinstance(old, torch.Tensor) and not func._schema.is_mutable:
                    made[id(old)] = new


class TapeRecorder:
    """Counts what it recorded in ``count``."""

    def __init__(self) -> None:
        self.count = 0

    def record(self, body: Callable[[], None]) -> Replay:
        """Run ``body`` and put down what it does."""
        tape = Tape()
        with tape:
            body()
        self.count += 1
        return tape.replay
