"""The compiled step: is there a compiler, and has it built the library for this processor. No torch."""

from ...models.errors import KernelError
from ...models.kernel.build import library_path
from ...models.machine import this_machine
from ..settings import Settings, steps_dir
from .finding import Finding, ok, remark

SLOWER = "steps run uncompiled, several times slower"


def check_compiler(settings: Settings) -> Finding:
    """Whether steps are compiled, will be at the next start, or why not."""
    if settings.compile == "off":
        return remark("compiler", f"not used: {SLOWER}", 'set compile = "auto"')
    device = this_machine().device if settings.device == "auto" else settings.device
    if device != "cpu":
        steps = "captured as CUDA graphs" if device.startswith("cuda") else "uncompiled"
        return ok("compiler", f"not needed: models run on {device}, where steps are {steps}")
    try:
        library = library_path(steps_dir())
    except KernelError as error:
        return remark("compiler", f"{error} Until then {SLOWER}")
    if library.exists():
        return ok("compiler", f"steps are compiled: {library.name}")
    return ok("compiler", "here; the next start compiles the steps, in some ten seconds")
