"""What the figures were measured on, and how much else the machine was doing meanwhile."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import torch

BUSY = 0.1  # of all cores: more than this taken by other programs spoils figures


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds of the clock, of processor time used by all programs (None where unknown) and by ours."""

    clock: float
    everyone: float | None
    ours: float


def now() -> Moment:
    """This moment; children count as ours once they were waited for."""
    spent = os.times()
    ours = spent.user + spent.system + spent.children_user + spent.children_system
    return Moment(time.monotonic(), _everyone(), ours)


def _everyone() -> float | None:
    try:
        fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    except (OSError, IndexError):
        return None
    user, nice, system, _, _, interrupts, soft, stolen = map(int, fields)
    return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")


def others(before: Moment, after: Moment) -> float | None:
    """Share (0 to 1) of all cores that other programs used between two moments; None where unknown."""
    if before.everyone is None or after.everyone is None or after.clock <= before.clock:
        return None
    used = (after.everyone - before.everyone) - (after.ours - before.ours)
    return max(used, 0.0) / ((after.clock - before.clock) * (os.cpu_count() or 1))


def load() -> float | None:
    """Load average over the last minute; None where the system has none."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def describe(device: torch.device) -> dict[str, object]:
    """Processor, cores, threads, versions, and the GPU where it is used."""
    import transformers  # noqa: PLC0415  (takes seconds, and only the bench's report needs it)

    facts: dict[str, object] = {
        "cpu": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "python": platform.python_version(),
        "device": str(device),
    }
    if device.type == "cuda":
        facts["gpu"] = torch.cuda.get_device_name(device)
    return facts


def processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def warning(share: float | None) -> str | None:
    """What to say about other programs' share of the cores; None where there is nothing to say."""
    if share is None or share <= BUSY:
        return None
    return f"other programs used {share:.0%} of the cores meanwhile: measure again on a quiet machine"
