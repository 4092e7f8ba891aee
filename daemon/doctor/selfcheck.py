"""The self-check: the pair of the settings replays prompts in this process, with and without speculation."""

import itertools
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from ...models.pair import LoadedPair
from ..bench import hardware
from ..bench.ours import BenchEngine, OwnArm
from ..bench.prompts import cut, find_files, make_cases, own_source, read_sources
from ..bench.records import Case
from ..bench.rows import Row
from ..bench.schedule import Tell
from ..engine.engine import EngineOptions
from .identity import Identity, compare
from .replay import LENGTHS, PLAIN, PROBE, SERVED, fit, replay, ways
from .verdict import Verdict, Way, decide, measured

ENOUGH = 200_000
"""Bytes of files to take places from; to count the tokens of more takes longer than to complete them."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to replay: ``prompts`` places in ``files`` (none: paceline's own source), for some ``seconds``.

    ``most`` tokens of prompt at most.
    """

    files: tuple[Path, ...] = ()
    prompts: int = 24
    seconds: float = 25.0
    most: int = 512


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What was found. ``tokens`` each output has, ``runs`` each prompt had of each way, at most.

    ``left_out`` names ways that there was no time for; ``engine`` holds the facts the engine tells.
    """

    source: str
    prompts: int
    tokens: int
    runs: int
    ways: tuple[Way, ...]
    left_out: tuple[str, ...]
    identity: Identity
    verdict: Verdict
    engine: dict[str, object]
    others: float | None
    warning: str | None


def self_check(options: EngineOptions, task: Task, tell: Tell) -> SelfCheck:
    """Load the pair, replay, compare. ``tell(stage, fraction)`` hears how far it is.

    The pacer knows what it learnt here before; what it learns now is not kept. Raises ModelError, and
    PacelineError for files without enough places.
    """
    engine = BenchEngine.load(replace(options, slots=1, state=None), tell)
    try:
        tell("compiling", 0.0)
        engine.wait_compiled()
        with _copy(options.state) as state:
            served = ServedEngine.beside(engine, state)
            served.prepare()
            return _checked(engine, served, options.compile, task, tell)
    finally:
        engine.close()


class ServedEngine(BenchEngine):
    """An engine that paces as the daemon does; no request but those that leave it the choice teaches it."""

    @classmethod
    def beside(cls, engine: BenchEngine, state: Path | None) -> Self:
        """One on the weights and steps of ``engine``, whose pacer starts from what lies in ``state``."""
        served = cls(engine.pair, 1, state)
        served._compiling = engine._compiling
        return served


@contextmanager
def _copy(state: Path | None) -> Iterator[Path | None]:
    """A copy of what the pacer learnt, which may be written to."""
    if state is None or not state.is_dir():
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="paceline-") as folder:
        for path in state.glob("*.json"):
            shutil.copy(path, folder)
        yield Path(folder)


def _checked(engine: BenchEngine, served: ServedEngine, compiled: bool, task: Task, tell: Tell) -> SelfCheck:
    pair = engine.pair
    cases = _cases(pair, task)
    rows = ways(draft=pair.draft is not None, compiled=compiled)
    arms = [_arm(row, served if row.name == SERVED else engine) for row in rows]
    tell("warming up", 0.0)
    for case in (cases[-1], cases[0]):
        probe = arms[0].run(case, PROBE)
    size = fit(probe, len(arms), task.seconds)
    arms = arms[: size.ways]
    for arm in arms[1:]:
        arm.run(cases[0], PROBE)
    before = hardware.now()
    runs = replay(arms, cases, size.tokens, task.seconds, tell)
    share = hardware.others(before, hardware.now())
    tell("judging", 1.0)
    return SelfCheck(
        source="paceline's own source" if not task.files else "the files given",
        prompts=len(runs[PLAIN]),
        tokens=size.tokens,
        runs=len(runs[PLAIN][0]),
        ways=tuple(measured(runs, rows)),
        left_out=tuple(row.label for row in rows[size.ways :]),
        identity=compare(runs, cases, pair),
        verdict=decide(runs),
        engine=engine.facts(),
        others=share,
        warning=hardware.warning(share),
    )


def _arm(row: Row, engine: BenchEngine) -> OwnArm:
    return OwnArm(row.name, row.label, lambda: engine, row.drafter, row.k)


def _cases(pair: LoadedPair, task: Task) -> Sequence[Case]:
    paths = find_files(task.files) if task.files else own_source()
    places = cut(read_sources(_some(paths), pair.tokenizer), task.prompts, task.most, seed=0)
    return make_cases(
        places, pair.tokenizer, pair.fim, context=pair.context, most=task.most, length=max(LENGTHS)
    )


def _some(paths: Sequence[Path]) -> list[Path]:
    """Files by the draw, until they are enough."""
    drawn = random.Random(0).sample(paths, len(paths))
    sizes = itertools.accumulate((path.stat().st_size for path in drawn), initial=0)
    return [path for path, before in zip(drawn, sizes, strict=False) if before < ENOUGH]
