"""From nothing to compiled steps for the models of a pair: build, choose a team size by measurement, bind."""

import time
from collections.abc import Sequence
from pathlib import Path

from ..base import LanguageModel
from ..decoder import Decoder
from ..errors import KernelError
from .build import build
from .library import Library
from .step import CompiledStep, Team

FEW = 4  # threads
TRIALS = 24  # steps per team size
SCRATCH = 64  # tokens of the cache that they use


def bind_steps(models: Sequence[LanguageModel], directory: Path, threads: int, context: int) -> int:
    """Give each native model on the CPU among ``models`` its compiled step; the first one is the target.

    The library is built in ``directory`` if it is not there. The team has as many threads, of at most
    ``threads``, as make the target's step fastest; returns their number. Models that the library does not
    know keep their eager step. Caches have at most ``context`` tokens. Raises KernelError if no model can
    be bound.
    """
    native = [model for model in models if isinstance(model, Decoder)]
    if not native:
        raise KernelError("This family runs through transformers, whose steps are not compiled.")
    library = Library(build(directory))
    bound = []
    refused: KernelError | None = None
    for model in native:
        try:
            bound.append((model, CompiledStep(model, Team(library, 1), context)))
        except KernelError as reason:
            refused = reason
    if not bound:
        raise refused or KernelError("There is nothing to compile.")
    team = _fastest_team(bound[0][0], library, threads)
    for model, _ in bound:
        model.compiled = CompiledStep(model, team, context)
    return team.size


def _fastest_team(model: Decoder, library: Library, most: int) -> Team:
    """The team with the fastest single step, of ``most`` threads, if few, or of 4, 8, … up to that.

    A few threads are always worth having: one measurement on a busy machine must not forgo them for good, and
    a step goes alone by itself while others hold it up.
    """
    if most <= FEW:
        return Team(library, most)
    sizes = {most, *(1 << power for power in range(FEW.bit_length() - 1, most.bit_length()))}
    return min(
        (Team(library, size) for size in sorted(sizes) if size <= most),
        key=lambda team: _seconds(model, team),
    )


def _seconds(model: Decoder, team: Team) -> float:
    step, cache = CompiledStep(model, team, SCRATCH), model.new_cache(min(SCRATCH, model.max_context))
    fastest = float("inf")
    for _ in range(TRIALS):
        cache.rewind(0)
        started = time.perf_counter()
        step.choose([0], cache, 1, model.vocab_size)
        fastest = min(fastest, time.perf_counter() - started)
    return fastest
