"""An engine that counts its requests for the verdict on its draft, and says when a new one is due."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from ... import __version__
from ...models.fingerprint import fingerprint
from ...models.pairing import PairSpec
from ..engine.pacer.fit import Fit
from ..engine.records import Completion, Piece, Result
from ..paths import write_private
from ..worker import Engine
from .verdict import verdict_due

KEEP_EVERY = 64
"""Requests after which their number is written to disk."""


def fit_of(target: Path, device: str, dtype: str, step: str) -> Fit:
    """What a verdict belongs to: the target's weights, device and precision; ``step`` "compiled" or not."""
    return Fit(fingerprint(target), device, f"{dtype} {step}")


def answered(directory: Path, fit: Fit) -> int:
    """Requests that were answered with what ``fit`` names, as far as they were counted."""
    with suppress(OSError, ValueError):
        return max(0, int(_counter(directory, fit).read_text()))
    return 0


def _counter(directory: Path, fit: Fit) -> Path:
    return directory / f"requests-{fit.digest}"


class WatchedEngine:
    """An engine as the daemon uses it; its facts gain ``evaluation``, a sentence or None."""

    def __init__(self, engine: Engine, spec: PairSpec, directory: Path) -> None:
        """``spec`` is the pair that ``engine`` runs; ``directory`` keeps verdicts and counts."""
        self._engine = engine
        self._spec = spec
        self._directory = directory
        self._draft = "" if spec.draft is None else fingerprint(spec.draft)
        self._fit: Fit | None = None
        self._uncounted = 0
        self._seen: tuple[object, ...] = ()
        self._remark: str | None = None

    def complete(self, request: Completion, cancelled: Callable[[], bool]) -> Iterator[Piece | Result]:
        """As the engine does."""
        yield from self._engine.complete(request, cancelled)
        self._uncounted += 1
        if self._uncounted >= KEEP_EVERY:
            self._keep()

    def warm(self, request: Completion, cancelled: Callable[[], bool]) -> None:
        """As the engine does."""
        self._engine.warm(request, cancelled)

    def idle(self, stopped: Callable[[], bool]) -> bool:
        """As the engine does."""
        return self._engine.idle(stopped)

    def facts(self) -> dict[str, object]:
        """The engine's, and whether drafts should be measured; not while steps are being compiled."""
        facts = self._engine.facts()
        step = str(facts["step"])
        if not step.startswith("compiling"):
            kind = "compiled" if step.startswith("compiled") else "uncompiled"
            self._look(str(facts["device"]), _dtype(facts["target"]), kind)
        return {**facts, "evaluation": self._remark}

    def close(self) -> None:
        """Keep the count and close the engine."""
        self._keep()
        self._engine.close()

    def _look(self, device: str, dtype: str, step: str) -> None:
        """Read the verdict where the directory has changed since the last look."""
        try:
            changed: object = self._directory.stat().st_mtime_ns
        except OSError:
            changed = None
        if self._seen != (changed, device, dtype, step):
            self._seen = changed, device, dtype, step
            self._fit = fit = fit_of(self._spec.target, device, dtype, step)
            count = answered(self._directory, fit)
            self._remark = verdict_due(
                self._directory, fit, draft=self._draft, version=__version__, requests=count
            )

    def _keep(self) -> None:
        """Add to the count on disk; a disk that takes nothing only makes the count too small."""
        if self._fit is None or not self._uncounted:
            return
        with suppress(OSError):
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            total = answered(self._directory, self._fit) + self._uncounted
            write_private(_counter(self._directory, self._fit), str(total).encode())
        self._uncounted = 0


def _dtype(facts: object) -> str:
    return str(facts["dtype"]) if isinstance(facts, dict) else ""
