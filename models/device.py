"""Which device and which number type to run on, and how much memory is free there."""

import os
from pathlib import Path

import torch

from .errors import ModelError

_DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; ``auto`` takes cuda, then mps, then cpu. ModelError if it is not here."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise ModelError(f"The device {name!r} is not available here; use auto or cpu.") from None
    return device


def pick_dtype(name: str, device: torch.device) -> torch.dtype:
    """The number type of that name; ModelError for an unknown name.

    For ``int8`` it is the type of activations and KV. ``auto`` takes bf16 where the hardware multiplies it,
    f16 on other GPUs, else f32.
    """
    if name in _DTYPES:
        return _DTYPES[name]
    if name not in ("auto", "int8"):
        raise ModelError(f"The number type {name!r} is unknown; use auto, f32, bf16, f16 or int8.")
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if device.type == "mps":
        return torch.float16
    return torch.bfloat16 if _cpu_has_bf16() else torch.float32


def free_bytes(device: torch.device) -> int | None:
    """Bytes that can be allocated on ``device`` now; None where the system does not say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory()) - int(torch.mps.driver_allocated_memory())
    return _available_memory()


def _available_memory() -> int | None:
    """Memory the system can give without swapping, within the limit of the control group."""
    try:
        fields = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        available = int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return _physical_memory()
    limit = _control_group_room()
    return available if limit is None else min(available, limit)


def _physical_memory() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _control_group_room() -> int | None:
    root = Path("/sys/fs/cgroup")
    try:
        limit = int((root / "memory.max").read_text())
        return limit - int((root / "memory.current").read_text())
    except (OSError, ValueError):
        return None


def _cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware (AVX512-BF16, AMX or Arm's BF16)."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return False
    return not flags.isdisjoint({"avx512_bf16", "amx_bf16", "bf16"})
