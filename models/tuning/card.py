"""What is told of a tuned draft: `card.json` in its directory. No torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CARD = "card.json"
LARGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Change:
    """α before and after on the same places, and their ratio with its 95 % interval (places resampled)."""

    before: float
    after: float
    ratio: float
    low: float
    high: float
    places: int


@dataclass(frozen=True, slots=True)
class Card:
    """Where a draft comes from and what tuning did to it.

    ``target`` and ``draft`` are directories, with fingerprints of their weights; ``files`` were learnt from
    and ``held_out`` were not, at ``places`` the target wrote, ``tokens`` were trained on, padding included;
    ``own`` is α on held-out files of the workspace, ``general`` on general code.
    """

    name: str
    workspace: str
    made: str
    target: str
    target_fingerprint: str
    draft: str
    draft_fingerprint: str
    files: int
    held_out: int
    places: int
    tokens: int
    minutes: float
    device: str
    own: Change
    general: Change

    def write(self, folder: Path) -> None:
        """Write `card.json` to ``folder``. Raises OSError."""
        (folder / CARD).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")


def read_card(folder: Path) -> Card | None:
    """The card in a directory; None where there is none or it is not one."""
    try:
        with (folder / CARD).open() as file:
            facts = json.loads(file.read(LARGEST))
        return Card(**{**facts, "own": _change(facts["own"]), "general": _change(facts["general"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _change(facts: Mapping[str, Any]) -> Change:
    return Change(**facts)
