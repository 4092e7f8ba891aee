"""Which device and which number type to run on, and how much memory is free there."""

import torch

from .errors import ModelError
from .machine import available_memory, cpu_has_bf16
from .precision import is_rounding

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

    For ``int8`` and ``int4`` it is the type of activations and KV. ``auto`` takes bf16 where the hardware
    multiplies it, f16 on other GPUs, else f32.
    """
    if name in _DTYPES:
        return _DTYPES[name]
    if name != "auto" and not is_rounding(name):
        raise ModelError(f"The number type {name!r} is unknown; use auto, f32, bf16, f16, int8 or int4.")
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if device.type == "mps":
        return torch.float16
    return torch.bfloat16 if cpu_has_bf16() else torch.float32


def free_bytes(device: torch.device) -> int | None:
    """Bytes that can be allocated on ``device`` now; None where the system does not say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory()) - int(torch.mps.driver_allocated_memory())
    return available_memory()
