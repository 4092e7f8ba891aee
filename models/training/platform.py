"""What depends on the machine: device, compilation, memory kept between steps."""

from __future__ import annotations

import ctypes
import shutil
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import torch

Function = TypeVar("Function", bound=Callable[..., Any])
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4


def pick_device(name: str) -> torch.device:
    """The named device; `auto` is CUDA where there is a GPU, else the CPU."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def compiled(function: Function, wanted: bool) -> Function:
    """`function` through torch.compile when wanted; a CPU also needs a C++ compiler at hand.

    Raises RuntimeError where the compiler is missing.
    """
    if not wanted:
        return function
    if not torch.cuda.is_available() and shutil.which("g++") is None and shutil.which("clang++") is None:
        raise RuntimeError("no C++ compiler for torch.compile: install one or pass --no-compile")
    made: Function = torch.compile(function)  # type: ignore[assignment]
    return made


def keep_memory(device: torch.device) -> None:
    """Let the C library keep freed blocks, since every step asks for the same large ones (Linux, CPU)."""
    if device.type == "cpu" and sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            library.mallopt(_MMAP_MAX, 0)
            library.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
