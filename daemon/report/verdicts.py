"""What ``paceline draft evaluate`` found, read from the file it keeps, with nothing of a model imported."""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ...models.fingerprint import fingerprint
from ..settings import Settings
from .data import Candidate, Drafts

BUNDLED = Path(__file__).resolve().parents[2] / "models" / "bundled"
LONGEST_FILE = 4 << 20
FORM = 1


def newest_verdict(folder: Path, settings: Settings) -> Drafts | None:
    """The newest verdict in ``folder`` on the target of ``settings``; None where none can be read.

    A target that is known by a name only is taken to be the one of the newest verdict.
    """
    pair = _fingerprint(settings)
    found = [
        verdict
        for path in folder.glob("verdict-*.json")
        if (verdict := _read(path)) is not None and pair in (None, verdict[0])
    ]
    return max((drafts for _, drafts in found), key=lambda drafts: drafts.at, default=None)


def _fingerprint(settings: Settings) -> str | None:
    for target in (BUNDLED / settings.target / "target", Path(settings.target)):
        if target.is_dir():
            return fingerprint(target)
    return None


def _read(path: Path) -> tuple[str, Drafts] | None:
    """The fingerprint of a verdict's target, and what it says."""
    try:
        with path.open("rb") as file:
            values = json.loads(file.read(LONGEST_FILE))
        if values["form"] != FORM:
            return None
        return str(values["fit"]["pair"]), _drafts(values)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _drafts(values: Mapping[str, Any]) -> Drafts:
    words = [str(line) for line in values["words"]]
    if values["warning"]:
        words.append(f"Take this with care: {values['warning']}.")
    found = [_candidate(one, values) for one in values["outcomes"]]
    return Drafts(
        at=datetime.fromisoformat(values["made"]).timestamp(),
        places=int(values["places"]),
        folder=Path(values["folder"]).name,
        words=tuple(words),
        candidates=tuple(sorted(found, key=lambda one: one.ms)),
    )


def _candidate(one: Mapping[str, Any], values: Mapping[str, Any]) -> Candidate:
    faster, promise, name = one["faster"], one["promise"], str(one["name"])
    return Candidate(
        name=name,
        ms=_number(one["ms"]["value"]),
        speed_up=_number(faster["value"]),
        low=_number(faster["low"]),
        high=_number(faster["high"]),
        predicted=None if promise is None else _number(promise["whole"]),
        acceptance=None if one["acceptance"] is None else _number(one["acceptance"]),
        chosen=name == values["advised"],
        usual=name == values["usual"],
        plain=one["kind"] == "plain",
    )


def _number(value: Any) -> float:
    number = float(value)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError("no such measurement")
    return number
