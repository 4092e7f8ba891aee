"""What a tuning in progress keeps on disk, so that the same command goes on after anything.

Every file is written beside its place and moved there whole; a directory of another beginning is cleared.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import ModelError
from .places import Tokens
from .writing import Written

PLAN, SPENT, STATE, LOCK = "plan.json", "spent.json", "state.pt", "lock"


class BusyError(ModelError):
    """Another process is at the same tuning."""

    code: ClassVar[str] = "busy"


class Store:
    """The directory of one tuning."""

    def __init__(self, place: Path) -> None:
        self.place = place

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out of the directory. Raises BusyError where one is at it."""
        self.place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.place / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(
                    f"{self.place.name} is being tuned by another process; wait, or choose another --name."
                ) from None
            yield

    def begin(self, plan: Mapping[str, Any]) -> None:
        """Go on with what is here if its plan has the same ``key``, else begin with ``plan``."""
        self.place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (self._read(PLAN) or {}).get("key") != plan["key"]:
            for path in self.place.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != LOCK:
                    path.unlink()
            self._write(PLAN, plan)

    def spent(self) -> dict[str, float]:
        """Seconds spent on each stage so far."""
        return {str(stage): float(seconds) for stage, seconds in (self._read(SPENT) or {}).items()}

    def spend(self, spent: Mapping[str, float]) -> None:
        """Keep them."""
        self._write(SPENT, spent)

    def append(self, kind: str, written: Sequence[Written]) -> None:
        """Keep answers of a kind in a file of their own."""
        number = len(list(self._parts(kind)))
        with whole(self.place / f"{kind}-{number:05d}.npz") as beside, beside.open("wb") as out:
            np.savez(
                out,
                prompts=_flat([each.prompt for each in written]),
                answers=_flat([each.answer for each in written]),
                sizes=np.array([[len(each.prompt), len(each.answer)] for each in written], dtype=np.int32),
                ids=np.concatenate([each.ids for each in written]),
                scores=np.concatenate([each.scores for each in written]).astype(np.float16),
            )

    def written(self, kind: str) -> list[Written]:
        """All answers of a kind, in the order they were kept."""
        return [each for path in self._parts(kind) for each in _read_part(path)]

    def _parts(self, kind: str) -> list[Path]:
        return sorted(self.place.glob(f"{kind}-?????.npz"))

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found = json.loads((self.place / name).read_text())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        with whole(self.place / name) as beside:
            beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; it takes its place at the end of the block, or goes."""
    beside = path.with_name(f"{path.name}.new")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _flat(texts: Sequence[Tokens]) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.array([token for text in texts for token in text], dtype=np.int32)


def _read_part(path: Path) -> Iterator[Written]:
    with np.load(path, allow_pickle=False) as part:
        sizes = part["sizes"]
        ends = np.cumsum(sizes, axis=0)
        prompts, answers, ids = part["prompts"].tolist(), part["answers"].tolist(), part["ids"]
        scores = part["scores"].astype(np.float32)
    for (prompt, answer), (prompt_end, end) in zip(sizes.tolist(), ends.tolist(), strict=True):
        yield Written(
            prompts[prompt_end - prompt : prompt_end],
            answers[end - answer : end],
            ids[end - answer : end],
            scores[end - answer : end],
        )
