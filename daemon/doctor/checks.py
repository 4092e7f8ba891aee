"""All checks in the order they are told: the cheap ones first, torch only when nothing light is left."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..settings import Settings, load_settings
from .compiler import check_compiler
from .editors import check_editors
from .files import check_directories, check_settings
from .finding import Finding, remark
from .installation import check_installation
from .running import check_daemons

NEEDED = frozenset(("libraries", "settings", "device", "pair", "memory"))
"""Topics without which no model can be run."""


def examine(overrides: Mapping[str, Any]) -> Iterator[Finding]:
    """Look at everything; ``overrides`` are settings of the command line.

    Raises SettingsError for those alone: what is wrong in the file or in variables is a finding.
    """
    found = list(check_installation())
    yield from found
    finding, usual = check_settings()
    yield finding
    settings = None if usual is None else load_settings(overrides)
    if settings is None:
        yield remark("skipped", "daemon, directories and models: they depend on the settings")
    else:
        yield from _by_settings(settings)
    yield from check_editors(Path.home())
    if settings is not None and runnable(found):
        from .pair import check_models  # noqa: PLC0415  (torch, which takes seconds and may be missing)

        yield from check_models(settings)


def runnable(findings: list[Finding]) -> bool:
    """Whether nothing was found that keeps a model from running."""
    return not any(finding.state == "wrong" and finding.topic in NEEDED for finding in findings)


def _by_settings(settings: Settings) -> Iterator[Finding]:
    safe = True
    for finding in check_directories(settings):
        safe &= (finding.topic, finding.state) != ("runtime", "wrong")
        yield finding
    if safe:
        yield from check_daemons(settings)
    yield check_compiler(settings)
