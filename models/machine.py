"""What this machine has for models: memory, processor, graphics card. Asked without torch."""

import ctypes
import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

UNIFIED_SHARE = 0.75
"""Part of an Apple machine's memory that its graphics processor may take, about, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The device that models run on by default: its memory in bytes, None where the system does not say."""

    device: Literal["cuda", "mps", "cpu"]
    name: str
    total: int | None
    free: int | None


def this_machine() -> Machine:
    """A graphics card that this installation of torch can use, else Apple's, else the processor."""
    card = None if metadata.version("torch").endswith("+cpu") else _nvidia()
    if card is not None:
        return card
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        total, free = physical_memory(), available_memory()
        return Machine("mps", "Apple", _share(total), _share(free))
    return Machine("cpu", _processor(), physical_memory(), available_memory())


def available_memory() -> int | None:
    """Bytes the system can give without swapping, within the limit of the control group."""
    available = _meminfo("MemAvailable")
    if available is None:
        return physical_memory()
    limit = _control_group_room()
    return available if limit is None else min(available, limit)


def physical_memory() -> int | None:
    """Bytes of main memory."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware (AVX512-BF16, AMX or Arm's BF16)."""
    return not set(_cpuinfo().split()).isdisjoint({"avx512_bf16", "amx_bf16", "bf16"})


def _share(size: int | None) -> int | None:
    return None if size is None else int(size * UNIFIED_SHARE)


def _meminfo(key: str) -> int | None:
    try:
        fields = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        return int(fields[key].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None


def _control_group_room() -> int | None:
    root = Path("/sys/fs/cgroup")
    try:
        limit = int((root / "memory.max").read_text())
        return limit - int((root / "memory.current").read_text())
    except (OSError, ValueError):
        return None


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""


def _processor() -> str:
    for line in _cpuinfo().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


class _CardMemory(ctypes.Structure):
    """``nvmlMemory_t``."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def _nvidia() -> Machine | None:
    """The first NVIDIA card by its driver's library (NVML), which comes with every driver."""
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return None
    if library.nvmlInit_v2() != 0:
        return None
    handle, name, memory = ctypes.c_void_p(), ctypes.create_string_buffer(96), _CardMemory()
    found = (
        library.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(handle)) == 0
        and library.nvmlDeviceGetName(handle, name, len(name)) == 0
        and library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0
    )
    library.nvmlShutdown()
    if not found:
        return None
    return Machine("cuda", name.value.decode(errors="replace"), int(memory.total), int(memory.free))
