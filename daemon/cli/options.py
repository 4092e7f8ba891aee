"""From the options of the command line to settings."""

import argparse
from pathlib import Path

from ..settings import Settings


def overrides(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the settings that ``arguments`` name; None where an option was not given."""
    return {
        "target": _model(arguments.target),
        "draft": _model(arguments.draft),
        "device": arguments.device,
        "target_dtype": arguments.dtype,
        "draft_dtype": arguments.dtype,
    }


def _model(name: str | None) -> str | None:
    """Return ``name``, as a path where it is a directory here; the bundled pair keeps its name."""
    if not name or name == Settings().target or not Path(name).expanduser().is_dir():
        return name
    return str(Path(name).expanduser().absolute())
