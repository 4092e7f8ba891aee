"""The compiled step: is there a compiler, and has it built the library for this processor. No torch."""

from ...models.errors import KernelError
from ...models.kernel.build import library_path
from ..settings import Settings, steps_dir
from .finding import Finding, ok, remark

SLOWER = "steps run uncompiled, several times slower"


def check_compiler(settings: Settings) -> Finding:
    """Whether steps are compiled, will be at the next start, or why not."""
    if settings.compile == "off":
        return remark("compiler", f"not used: {SLOWER}", 'set compile = "auto"')
    if settings.device not in ("auto", "cpu"):
        return ok("compiler", f"not needed: it is for processors, not for {settings.device}")
    try:
        library = library_path(steps_dir())
    except KernelError as error:
        return remark("compiler", f"{error} Until then {SLOWER}")
    if library.exists():
        return ok("compiler", f"steps are compiled: {library.name}")
    return ok("compiler", "here; the next start compiles the steps, in some ten seconds")
