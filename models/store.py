"""Models pulled from a hub, on this disk: where they lie, and which revision of each is in use.

``<store>/<owner>--<name>/<commit>/`` holds the files of a revision. ``pulled.json`` beside it names the
commit in use and is written last: without it a download has not come to its end.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from .directory import read_json
from .errors import CheckpointError

PIN = "pulled.json"
PIN_LIMIT = 1 << 16
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Pulled:
    """A complete download: ``revision`` is what was asked for, ``commit`` what it was, ``size`` bytes."""

    hub_id: str
    revision: str
    commit: str
    size: int


def directory_of(name: str) -> Path | None:
    """The directory that ``name`` is, ``~`` being a home; None if it is none, whatever it looks like."""
    try:
        path = Path(name).expanduser()
        return path if name and path.is_dir() else None
    except (OSError, RuntimeError, ValueError):  # too long, nobody's home, a null character
        return None


def is_hub_id(name: str) -> bool:
    """Whether ``name`` has the form of a hub id, ``owner/name``."""
    return _HUB_ID.fullmatch(name) is not None and ".." not in name


def folder(store: Path, hub_id: str) -> Path:
    """Where the revisions of a model lie; the hub does not tell upper from lower case, nor do we."""
    name = hub_id.replace("/", "--")
    if store.is_dir():
        for path in store.iterdir():
            if path.name.lower() == name.lower():
                return path
    return store / name


def pulled(store: Path, hub_id: str) -> Pulled | None:
    """What is here of a model, None if nothing is complete. CheckpointError if its record is broken."""
    place = folder(store, hub_id)
    if not (place / PIN).is_file():
        return None
    match read_json(place, PIN, PIN_LIMIT):
        case {"hub_id": str(name), "revision": str(revision), "commit": str(commit), "size": int(size)} if (
            _COMMIT.fullmatch(commit) and is_hub_id(name)
        ):
            return Pulled(name, revision, commit, size)
    raise CheckpointError(f"{place / PIN} is no record of a download; pull {hub_id} again.")


def snapshot(store: Path, found: Pulled) -> Path:
    """The directory of the revision in use."""
    return folder(store, found.hub_id) / found.commit


def pin(store: Path, found: Pulled) -> None:
    """Record a complete download; from now on it is the one in use."""
    place = folder(store, found.hub_id)
    draft = place / f"{PIN}.new"
    draft.write_text(json.dumps(asdict(found)) + "\n", encoding="utf-8")
    draft.replace(place / PIN)


def all_pulled(store: Path) -> list[Pulled]:
    """Every model on this disk, by name."""
    if not store.is_dir():
        return []
    names = [path.name.replace("--", "/", 1) for path in store.iterdir() if (path / PIN).is_file()]
    return [found for name in sorted(names) if (found := pulled(store, name)) is not None]
