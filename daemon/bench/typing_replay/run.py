"""``paceline bench --typing``: the replay of some files by a daemon of its own, from start to report."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from ...aclient import AsyncClient
from ...client import Client
from ...figures import Suggestions
from ...lifecycle import connect
from ...protocol import Complete
from ...settings import Settings, load_settings, models_dir
from .client import Server
from .daemon import Observer, probe
from .passage import Passage, passage_of
from .replay import Take, replay
from .report import Figures, as_map, figures_of, table
from .score import worth_of

PACKAGE = Path(__file__).resolve().parents[3]
OWN_FILES = tuple(PACKAGE / name for name in ("daemon/jobs.py", "lsp/framing.py", "models/fim.py"))
PROBES = 20  # cancels for each file

Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to type: ``lines`` of each file, chosen and typed by ``seed``, pauses divided by ``speed``."""

    files: tuple[Path, ...] = OWN_FILES
    lines: int = 10
    seed: int = 0
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Replays:
    """What came of a plan: ``figures`` by file name, in their order.

    ``engine`` is what the engine says of itself, ``told`` what the language server told the daemon of all.
    """

    plan: Plan
    engine: dict[str, Any]
    figures: dict[str, Figures]
    told: Suggestions

    @property
    def unasked(self) -> list[str]:
        """The files for which the server asked the daemon nothing."""
        return [name for name, figures in self.figures.items() if not figures.jobs]

    def as_map(self) -> dict[str, Any]:
        """Return everything as one JSON map."""
        plan = self.plan
        return {
            "lines": plan.lines,
            "seed": plan.seed,
            "speed": plan.speed,
            "engine": self.engine,
            "files": {name: as_map(figures) for name, figures in self.figures.items()},
            "all": as_map(reduce(add, self.figures.values())),
            "told_by_server": asdict(self.told),
        }

    def table(self) -> str:
        """Return one table."""
        together = {"all": reduce(add, self.figures.values())} if len(self.figures) > 1 else {}
        return table(self.figures | together)


def run_typing(plan: Plan, overrides: Mapping[str, Any], tell: Tell) -> Replays:
    """Replay the writing of each file of the plan.

    ``overrides`` are settings of the daemon, which serves nobody else and ends with the replay;
    ``tell(stage, fraction)`` hears how far it is. Raises PassageError, PacelineError, ModelError.
    """
    passages = [
        passage_of(path.absolute(), plan.lines, plan.seed + number) for number, path in enumerate(plan.files)
    ]
    figures: dict[str, Figures] = {}
    with _own_daemon(overrides, tell) as (settings, client):
        bench = _Bench(settings, client, plan.speed)
        for number, passage in enumerate(passages):
            tell(f"typing {passage.path.name}", number / len(passages))
            figures[_name(passage.path, figures)] = bench.measure(passage, plan.seed + number)
        status = client.status()
        return Replays(plan, dict(status.engine), figures, status.suggestions)


@contextlib.contextmanager
def _own_daemon(overrides: Mapping[str, Any], tell: Tell) -> Iterator[tuple[Settings, Client]]:
    """Have a daemon with loaded models that is ours alone, and end it."""
    folder = tempfile.mkdtemp(prefix="pl-")
    try:
        settings = load_settings({**overrides, "runtime_dir": folder})
        with Client.connect(settings, progress=tell) as client:
            try:
                yield settings, client
            finally:
                client.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Bench:
    """The daemon of a replay, and what is measured with it."""

    def __init__(self, settings: Settings, client: Client, speed: float) -> None:
        self._settings = settings
        self._client = client
        self._speed = speed
        self._tokens = _token_counter(settings)

    def measure(self, passage: Passage, seed: int) -> Figures:
        """Type a passage and cancel some requests; return the figures."""
        before = self._client.metrics().counters
        take = asyncio.run(self._type(passage, seed))
        after = self._client.metrics().counters
        whole = passage.before + passage.text
        worth = worth_of(whole, (offer for asked in take.asked for offer in asked.offers))
        return figures_of(
            take,
            worth,
            counters={name: value - before.get(name, 0) for name, value in after.items()},
            idle=self._cancel(passage, seed),
            kept=sum(self._tokens(whole[start:end]) for start, end in worth.pieces),
            written=len(passage.text),
        )

    async def _type(self, passage: Passage, seed: int) -> Take:
        daemon = {name: value for name, value in self._settings.as_map().items() if value is not None}
        server = await Server.start(_workspace(passage.path), {"daemon": daemon})
        try:
            async with AsyncClient(self._settings, spawn=False) as client:
                return await replay(server, Observer(client), passage, seed=seed, speed=self._speed)
        finally:
            await server.close()

    def _cancel(self, passage: Passage, seed: int) -> list[float]:
        """Cancel requests of this passage in the daemon, and return how long each took to be over, in ms."""
        with contextlib.closing(connect(self._settings, start=False)) as link:
            return probe(link, list(_requests(passage)), seed)


def _requests(passage: Passage) -> Iterator[Complete]:
    """Long requests, at places that follow each other as in typing."""
    for number in range(PROBES):
        end = len(passage.text) * (number + 1) // PROBES
        yield Complete(
            passage.path.name,
            passage.before + passage.text[:end],
            passage.after,
            multiline=True,
            max_tokens=256,
        )


def _token_counter(settings: Settings) -> Callable[[str], int]:
    """Return what counts the target's tokens in a text."""
    from ....models.pairing import resolve  # noqa: PLC0415  (the command line starts without tokenizers)
    from ....models.tokenizer import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_directory(resolve(settings.target, "none", store=models_dir()).target)
    return lambda text: len(tokenizer.encode(text))


def _workspace(path: Path) -> Path:
    """The folder that an editor would have opened for a file: its repository, else where it lies."""
    return next((folder for folder in path.parents if (folder / ".git").exists()), path.parent)


def _name(path: Path, taken: Mapping[str, Figures]) -> str:
    """A column's name: the file's, longer where there is one of that name already."""
    return path.name if path.name not in taken else str(path)
