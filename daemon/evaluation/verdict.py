"""What an evaluation found, and on disk: one JSON file for a target on a device in a precision.

A file that does not fit (damage, another form) is as good as none: nothing worse than another evaluation
comes of it. The drafts that took part are known by their weights, so that one of them may be set afterwards
without making the verdict old. No torch.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..bench.statistics import Ratio
from ..engine.pacer.fit import Fit
from ..paths import write_private

FORM = 1
LONGEST_FILE = 4 << 20
DUE_REQUESTS = 2000
"""Requests after which what was measured is worth measuring again: code changes."""
AGAIN = "measure drafts again with  paceline draft evaluate --on DIR"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Promise:
    """What single steps promise by the formula of DESIGN §1, of a draft at a fixed length.

    ``whole`` is how many times faster than plain whole completions should be, their prompts read by both
    models, ``steps`` the same for the tokens alone; ``draft_step`` is c, ``verify`` v(k).
    """

    whole: float
    steps: float
    draft_step: float
    verify: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured of one candidate.

    ``ms`` a character, ``faster`` than plain and ``behind`` (how many times faster the fastest of all is)
    have 95 % intervals; ``acceptance`` is accepted / tested (None where nothing was), ``per_pass`` emitted /
    target passes, ``memory`` bytes of weights and one slot, ``runs`` how often it ran at each place.
    ``directory`` and ``precision`` are the draft's.
    """

    name: str
    kind: str
    draft: str | None
    directory: str | None
    precision: str | None
    k: int | None
    ms: Ratio
    faster: Ratio
    behind: Ratio
    promise: Promise | None
    acceptance: float | None
    per_pass: float
    memory: int
    runs: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """One evaluation: ``outcomes`` fastest first, ``best`` the name of the first, ``advice`` what to set.

    It was made at ``places`` of ``folder``, ``recent`` of them from commits. ``usual`` is what the settings
    ask for now ("" where it was not measured); ``advised`` is that one if it is as good, with no ``advice``,
    which otherwise are settings (None: to be taken out). ``lengths`` is the best number of drafted tokens by
    measurement for each draft and precision; ``measured`` and ``predicted`` order the drafts, each at its
    best. ``drafts`` are fingerprints of those that took part; ``requests`` were answered in all when it was
    made. ``others`` is the share of the cores that other programs used meanwhile.
    """

    fit: Fit
    paceline: str
    made: str
    requests: int
    folder: str
    places: int
    recent: int
    outcomes: tuple[Outcome, ...]
    best: str
    usual: str
    advised: str
    advice: Mapping[str, str | int | None]
    lengths: Mapping[str, int]
    measured: tuple[str, ...]
    predicted: tuple[str, ...]
    refused: Mapping[str, str]
    drafts: tuple[str, ...]
    hardware: Mapping[str, object]
    others: float | None
    warning: str | None
    words: tuple[str, ...]


def file_of(fit: Fit) -> str:
    """The name of the file that keeps the verdict of ``fit``."""
    return f"verdict-{fit.digest}.json"


def save(directory: Path, verdict: Verdict) -> None:
    """Keep a verdict in ``directory`` in the place of an older one of its fit. Raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = json.dumps({"form": FORM, **asdict(verdict)}, ensure_ascii=False)
    write_private(directory / file_of(verdict.fit), content.encode())


def read(path: Path) -> dict[str, Any] | None:
    """The verdict in a file as plain values; None, with a line in the log, where there is none that fits."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
        value = json.loads(content) if len(content) <= LONGEST_FILE else None
        if not isinstance(value, dict) or value["form"] != FORM:
            raise ValueError("it is no verdict")
        _check(value)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        log.warning("an earlier verdict on drafts is not used (%s): %s", path.name, type(error).__name__)
        return None
    return value


def _check(value: Mapping[str, Any]) -> None:
    """Raise ValueError, KeyError or TypeError unless what ``verdict_due`` reads is there."""
    Fit(**value["fit"])
    texts = (*value["fit"].values(), value["paceline"], value["made"], *value["drafts"])
    if not all(isinstance(text, str) for text in texts) or type(value["requests"]) is not int:
        raise ValueError("it is no verdict")


def verdict_due(directory: Path, fit: Fit, *, draft: str, version: str, requests: int) -> str | None:
    """Why drafts should be measured (again), in one sentence; None where nothing calls for it.

    ``fit`` is what runs now, ``draft`` the fingerprint of its draft ("" without one), ``version`` paceline's,
    ``requests`` how many were answered with it in all.
    """
    own = read(directory / file_of(fit))
    if own is None:
        earlier = sorted(
            filter(None, map(read, directory.glob("verdict-*.json"))), key=lambda one: str(one["made"])
        )
        return _without(earlier, fit, requests)
    when = own["made"][:10]
    if own["paceline"] != version:
        return (
            f"paceline was {own['paceline']} when drafts were measured ({when}), it is {version} now: {AGAIN}"
        )
    if draft and draft not in own["drafts"]:
        return f"the draft took no part when drafts were measured ({when}): {AGAIN}"
    since = requests - own["requests"]
    if since >= DUE_REQUESTS:
        return f"{since} requests were answered since drafts were measured ({when}): {AGAIN}"
    return None


def _without(earlier: list[dict[str, Any]], fit: Fit, requests: int) -> str | None:
    """The same where nothing was measured for ``fit``; ``earlier`` verdicts of others, the newest last."""
    same = [one for one in earlier if one["fit"]["pair"] == fit.pair]
    if same:
        last = same[-1]["fit"]
        change = "device" if last["device"] != fit.device else "precision"
        before, after = last[change], getattr(fit, change)
        return f"the {change} was {before} when drafts were measured, it is {after} now: {AGAIN}"
    if earlier:
        return f"drafts were measured for another pair, not for this one: {AGAIN}"
    if requests >= DUE_REQUESTS:
        return f"{requests} requests were answered and no draft was measured on your code: {AGAIN}"
    return None
