"""Recording what a function does on a GPU, to have it done again by one launch.

As the CUDA graphs of gpt-fast and vLLM: what is recorded reads and writes the same memory each time, so
inputs are copied into it before and results are read from it after.
"""

import contextlib
from collections.abc import Callable
from typing import Protocol

import torch

Replay = Callable[[], object]
"""Does once more what was recorded; returns when it is queued, not when it is done."""


class Recorder(Protocol):
    """Records functions of no arguments. Tests have one that needs no GPU."""

    def record(self, body: Callable[[], None]) -> Replay:
        """Run ``body`` at least once and return what does it again."""
        ...


class GraphRecorder:
    """Records on a CUDA device; not to be used from two threads at once. All graphs share their scratch."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._pool = torch.cuda.graph_pool_handle()

    def record(self, body: Callable[[], None]) -> Replay:
        """See ``Recorder``. Raises RuntimeError where an operation cannot be captured or memory is short."""
        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.stream(self._stream):
            body()  # libraries load kernels and allocate workspaces at the first run, which no graph may
            self._stream.synchronize()
            graph.capture_begin(pool=self._pool, capture_error_mode="thread_local")
            try:
                body()
            except BaseException:
                with contextlib.suppress(RuntimeError):  # the one that counts is on its way
                    graph.capture_end()
                raise
            graph.capture_end()
        current.wait_stream(self._stream)
        return graph.replay
