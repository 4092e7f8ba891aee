"""Drafts that were tuned here: where they lie, which one of a pair's is in use, and how one is removed.

``<data>/drafts/<pair>/<name>/`` is a model directory with a card. ``in-use.json`` beside it names the draft
that takes the place of the pair's own, for the very target that it was tuned for; ``.tuning/<name>`` is work
in progress. No torch.
"""

import hashlib
import json
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..models.fingerprint import fingerprint
from ..models.tuning.card import Card, read_card
from .errors import PacelineError

IN_USE, WORK = "in-use.json", ".tuning"
LARGEST = 4096
BUNDLED = Path(__file__).resolve().parent.parent / "models" / "bundled"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


class DraftsError(PacelineError):
    """A name that is no name of a tuned draft, or that none has."""

    code = "invalid_field"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The tuned drafts of one pair, in ``folder``, which need not exist."""

    folder: Path

    @classmethod
    def of(cls, data: Path, target: str) -> "Shelf":
        """The shelf of the pair that the setting ``target`` names; ``data`` is where paceline keeps data."""
        place = BUNDLED / target if (BUNDLED / target).is_dir() else Path(target)
        digest = hashlib.sha256(str(place).encode()).hexdigest()[:8]
        return cls(data / "drafts" / f"{place.name}-{digest}")

    def path(self, name: str) -> Path:
        """Where the draft of that name lies or would lie. Raises DraftsError for what is no name."""
        if not _NAME.fullmatch(name):
            raise DraftsError(
                f"{name!r} is no name for a draft: take letters, digits, dots, dashes and underscores"
            )
        return self.folder / name

    def work(self, name: str) -> Path:
        """Where a tuning of that name keeps its work in progress."""
        return self.folder / WORK / self.path(name).name

    def cards(self) -> list[Card]:
        """The cards of all drafts, by their names."""
        names = sorted(path.name for path in self.folder.glob("*") if _NAME.fullmatch(path.name))
        found = ((name, read_card(self.folder / name)) for name in names)
        return [card for name, card in found if card is not None and card.name == name]

    def unfinished(self) -> list[str]:
        """Names of tunings that were begun and not ended."""
        return sorted(path.name for path in (self.folder / WORK).glob("*"))

    def take(self, name: str, made: Path) -> Path:
        """Move the directory ``made`` here, in the place of an older draft of that name."""
        place, old = self.path(name), self.folder / WORK / f"{name}.old"
        shutil.rmtree(old, ignore_errors=True)
        old.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.exists():
            place.rename(old)
        made.rename(place)
        shutil.rmtree(old, ignore_errors=True)
        return place

    def remove(self, name: str) -> None:
        """Remove a draft and the work on it; one in use gives way to the pair's own. Raises DraftsError."""
        places = [place for place in (self.path(name), self.work(name)) if place.exists()]
        if not places:
            known = ", ".join([card.name for card in self.cards()] + self.unfinished()) or "none"
            raise DraftsError(f"no tuned draft has the name {name!r}; those there: {known}")
        if self._named() == name:
            self.use(None)
        for place in places:
            if place.is_symlink():
                place.unlink()
            else:
                shutil.rmtree(place)

    def use(self, name: str | None) -> None:
        """Have the draft of that name take the place of the pair's own from now on; None: the own again."""
        if name is None:
            (self.folder / IN_USE).unlink(missing_ok=True)
            return
        card = read_card(self.path(name))
        if card is None:
            raise DraftsError(f"no tuned draft has the name {name!r}; see  paceline draft list")
        if not _is_current(card):
            raise DraftsError(f"the target of {name!r} has changed since it was tuned: tune it again")
        from .paths import write_private  # noqa: PLC0415  (it needs the settings, which need this module)

        write_private(self.folder / IN_USE, json.dumps({"name": name}).encode())

    def in_use(self) -> Path | None:
        """The directory of the draft in use; None where it is the pair's own, or the target has changed."""
        name = self._named()
        card = None if name is None else read_card(self.folder / name)
        if name is None or card is None or not _is_current(card):
            return None
        return self.folder / name

    def _named(self) -> str | None:
        try:
            with open(self.folder / IN_USE, "rb") as file:
                name = json.loads(file.read(LARGEST))["name"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def _is_current(card: Card) -> bool:
    """Whether the target that a draft was tuned for is still the same."""
    with suppress(OSError):
        return fingerprint(Path(card.target)) == card.target_fingerprint
    return False


def default_name(folder: Path) -> str:
    """A name for the draft tuned on ``folder``: that of the folder, as far as it is one."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip(".-")[:64]
    return name or "draft"
