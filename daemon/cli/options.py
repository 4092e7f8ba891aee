"""From the options of the command line to settings."""

import argparse

from ...models.store import directory_of
from ..settings import Settings


def overrides(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the settings that ``arguments`` name; None where an option was not given."""
    return {
        "target": model_name(arguments.target),
        "draft": model_name(arguments.draft),
        "device": arguments.device,
        "target_dtype": arguments.dtype,
        "draft_dtype": arguments.dtype,
    }


def model_name(name: str | None) -> str | None:
    """Return ``name``, as a path where it is a directory here; the bundled pair keeps its name."""
    place = None if name == Settings().target else directory_of(name or "")
    return name if place is None else str(place.absolute())
