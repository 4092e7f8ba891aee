"""Facts about this process, for status."""

import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from .. import __version__

_PAGE = resource.getpagesize()
_STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """Version of the package, and resident bytes (the highest so far where the system tells no more)."""

    package: str
    rss_bytes: int


def process_facts() -> ProcessFacts:
    """Measure this process."""
    try:
        return ProcessFacts(__version__, int(_STATM.read_text().split()[1]) * _PAGE)
    except OSError:  # another system, or no descriptor is left: no reason for a daemon to end
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return ProcessFacts(__version__, peak if sys.platform == "darwin" else peak * 1024)
