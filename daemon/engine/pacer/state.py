"""What a pacer learnt, on disk: one JSON file for a pair on a device in a precision.

A file that does not fit (another pair, device, precision or version, or damage) is ignored with a line in the
log; nothing worse than learning anew comes of it. Only the chances (``PRIOR``) may be shipped with a pair:
times belong to the machine they were measured on.
"""

import json
import logging
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .decision import Pacer
from .fit import Fit
from .gate import Gate
from .ledger import MODES
from .signals import BINS, EXTRAS, KINDS, PLACES, SOURCES

VERSION = 1
LONGEST_FILE = 4 << 20
PRIOR_TRUST = 0.5
"""Part of its weight that a shipped prior keeps: what is seen here counts for more."""

log = logging.getLogger(__name__)


def save(directory: Path, fit: Fit, pacer: Pacer) -> None:
    """Write what ``pacer`` learnt, all at once or not at all. Raises OSError."""
    state = {
        "version": VERSION,
        "fit": asdict(fit),
        "costs": pacer.costs.export(),
        "acceptance": pacer.acceptance.export(),
        "signals": pacer.signals.export(),
        "lengths": pacer.lengths.seen,
        "gate": pacer.gate.export(),
    }
    text = json.dumps(state, separators=(",", ":"))
    handle, name = tempfile.mkstemp(dir=directory, prefix=".pacer-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(directory / fit.file)
    finally:
        Path(name).unlink(missing_ok=True)  # there only where something failed


def restore(directory: Path, fit: Fit, pacer: Pacer) -> bool:
    """Give ``pacer`` what was learnt before; False, with a log line, where nothing that fits is there."""
    path = directory / fit.file
    try:
        state = _read(path)
        if state["version"] != VERSION or state["fit"] != asdict(fit):
            raise ValueError("it is of another version or pair")
        _check_costs(state["costs"])
        chances = _Chances.of(state)
        lengths = {mode: _pair(state["lengths"][mode]) for mode in MODES}
        gate = Gate()
        gate.restore({name: [float(number) for number in known] for name, known in state["gate"].items()})
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("what the pacer learnt before is not used (%s): %s", path.name, type(error).__name__)
        return False
    pacer.costs.restore(**state["costs"])
    chances.give(pacer, 1.0)
    pacer.lengths.seen.update(lengths)
    pacer.gate = gate
    return True


def prior(path: Path, pacer: Pacer) -> None:
    """Give ``pacer`` the chances shipped with a pair. Raises OSError; ValueError where they do not fit."""
    try:
        _Chances.of(_read(path)).give(pacer, PRIOR_TRUST)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no prior of a pacer") from error


def save_prior(path: Path, pacer: Pacer) -> None:
    """Write the chances of ``pacer`` to be shipped with its pair. Raises OSError."""
    state = {"version": VERSION, "acceptance": pacer.acceptance.export(), "signals": pacer.signals.export()}
    path.write_text(json.dumps(state, separators=(",", ":")) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as file:
        text = file.read(LONGEST_FILE + 1)
    state = json.loads(text) if len(text) <= LONGEST_FILE else None
    if not isinstance(state, dict):
        raise ValueError("it is no state of a pacer")
    return state


@dataclass(frozen=True, slots=True)
class _Chances:
    """Chances and signals, checked."""

    languages: list[str]
    cells: dict[str, list[float]]
    alone: list[list[float]]
    accompanied: list[list[float]]

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "_Chances":
        """What ``state`` says. Raises ValueError, KeyError and the like where it does not fit."""
        languages = [str(name) for name in state["acceptance"]["languages"]]
        limits = (len(SOURCES), BINS, EXTRAS, PLACES + 1, max(1, len(languages)) * len(KINDS))
        cells = {}
        for name, counts in state["acceptance"]["cells"].items():
            key = [int(part) for part in name.split("/")]
            fits = zip(key, limits, strict=False)
            if not 2 <= len(key) <= len(limits) or not all(0 <= part < limit for part, limit in fits):
                raise ValueError("a cell does not fit")
            cells[name] = _pair(counts)
        signals = state["signals"]
        return cls(
            languages,
            cells,
            _matrix(signals["alone"], BINS),
            _matrix(signals["accompanied"], 2 * BINS),
        )

    def give(self, pacer: Pacer, trust: float) -> None:
        """Hand them to ``pacer``, counts times ``trust``."""
        cells = {name: [trust * count for count in counts] for name, counts in self.cells.items()}
        pacer.acceptance.restore(self.languages, cells)
        pacer.signals.restore(
            [[trust * count for count in row] for row in self.alone],
            [[trust * count for count in row] for row in self.accompanied],
        )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError("a number does not fit")
    return float(value)


def _pair(values: object) -> list[float]:
    if not isinstance(values, list) or len(values) != 2:
        raise ValueError("a pair of counts does not fit")
    return [_number(value) for value in values]


def _matrix(rows: object, width: int) -> list[list[float]]:
    if not isinstance(rows, list) or len(rows) != PLACES or any(len(row) != width for row in rows):
        raise ValueError("counts of signals do not fit")
    return [[_number(value) for value in row] for row in rows]


def _check_costs(costs: Mapping[str, Any]) -> None:
    if set(costs) != {"verify", "draft", "fill"}:
        raise ValueError("the costs do not fit")
    for name in ("verify", "draft"):
        for cell, ms in costs[name].items():
            size, tier = (int(part) for part in cell.split("/"))
            if size < 1 or tier < 0 or _number(ms) == 0.0:
                raise ValueError("a cost does not fit")
    if costs["fill"] is not None and _number(costs["fill"]) == 0.0:
        raise ValueError("the cost of a backlog does not fit")
