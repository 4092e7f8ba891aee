"""Times of single steps: verify by width, draft steps in their loop, and the device's copying of memory."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from ...models.base import KVCache, LanguageModel
from ...models.device import free_bytes
from ..engine.chooser import Chooser
from ..engine.draft_model import DraftModel
from ..engine.sampling import Sampling
from .schedule import Tell, turns
from .statistics import Spread, median, spread

LARGEST_COPY = 1 << 30
COPIES = 9


@dataclass(frozen=True, slots=True)
class Step:
    """A measured step: ``width`` tokens verified, or ``width`` draft steps in one proposal; ms a call.

    ``ratio`` is its time (for a draft, the time of one step) over the plain step's; ``bandwidth`` the bytes
    of the weights over the time of one pass, in bytes a second.
    """

    width: int
    time: Spread
    ratio: float
    bandwidth: float


@dataclass(frozen=True, slots=True)
class Steps:
    """Verify passes by width, from 1, and proposals by number of draft steps."""

    verify: tuple[Step, ...]
    draft: tuple[Step, ...]

    @property
    def plain(self) -> float:
        """Milliseconds of a plain step."""
        return self.verify[0].time.median

    def predicted(self, k: int, acceptance: float) -> float:
        """Speed-up of ``k`` drafted tokens a round over plain: τ / (k c + v(k)), DESIGN §1."""
        verify = next(step.ratio for step in self.verify if step.width == k + 1)
        draft = next(step.ratio for step in self.draft if step.width == k)
        return tokens_per_pass(acceptance, k) / (k * draft + verify)


def tokens_per_pass(acceptance: float, k: int) -> float:
    """τ of ``k`` drafted tokens that are accepted independently with the same probability."""
    return sum(acceptance**i for i in range(k + 1))


def time_steps(
    target: LanguageModel,
    draft: LanguageModel,
    prompt: Sequence[int],
    *,
    ks: Sequence[int],
    repeats: int,
    tell: Tell,
) -> Steps:
    """Measure all widths that ``ks`` need after ``prompt``, taking turns, ``repeats`` times each."""
    widths = sorted({1, *(k + 1 for k in ks)})
    room = len(prompt) + max(widths) + 1
    caches = target.new_cache(room), draft.new_cache(room)
    for model, cache in zip((target, draft), caches, strict=True):
        model.forward(torch.tensor(prompt, device=model.device), cache)
    calls = [_verify(target, caches[0], width) for width in widths]
    calls += [_propose(draft, caches[1], prompt, k) for k in ks]
    taken = _in_turns(calls, repeats, tell)
    plain = median(taken[0])
    verify = [_step(width, taken[place], plain, 1, target) for place, width in enumerate(widths)]
    drafted = [_step(k, taken[len(widths) + place], plain, k, draft) for place, k in enumerate(ks)]
    return Steps(tuple(verify), tuple(drafted))


def _step(width: int, times: Sequence[float], plain: float, passes: int, model: LanguageModel) -> Step:
    one = median(times) / passes
    return Step(width, spread(times), one / plain, model.parameter_bytes / one * 1000.0)


def _in_turns(calls: Sequence[Callable[[], None]], repeats: int, tell: Tell) -> list[list[float]]:
    """Milliseconds of every call, ``repeats`` times, after two calls each that are left out."""
    for call in calls:
        call()
        call()
    taken: list[list[float]] = [[] for _ in calls]
    for repeat, _, place in turns(len(calls), repeats, 1):
        tell("single steps", repeat / repeats)
        started = time.perf_counter()
        calls[place]()
        taken[place].append(1000.0 * (time.perf_counter() - started))
    return taken


def _verify(model: LanguageModel, cache: KVCache, width: int) -> Callable[[], None]:
    """One verify pass to the target's choices, as in a round."""
    length, vocab = cache.length, model.vocab_size
    tokens = [(7 * index + 11) % vocab for index in range(width)]

    def call() -> None:
        model.choose(tokens, cache, width, vocab)
        cache.rewind(length)

    return call


def _propose(model: LanguageModel, cache: KVCache, prompt: Sequence[int], k: int) -> Callable[[], None]:
    """A proposal of ``k`` tokens by the draft model, as in a round."""
    chooser = Chooser(Sampling(), 0, model.device)
    drafter = DraftModel(model, cache, chooser, model.vocab_size)
    tokens = [*prompt, 11]
    length = cache.length

    def call() -> None:
        drafter.propose(tokens, k, lambda: False)
        cache.rewind(length)

    return call


def copy_bandwidth(device: torch.device) -> float:
    """Bytes read and written a second by a copy within the device's memory, median of several."""
    free = free_bytes(device)
    size = LARGEST_COPY if free is None else min(LARGEST_COPY, free // 4)
    source, target = (torch.zeros(size, dtype=torch.uint8, device=device) for _ in range(2))
    taken = []
    for _ in range(COPIES + 1):
        _synchronise(device)
        started = time.perf_counter()
        target.copy_(source)
        _synchronise(device)
        taken.append(time.perf_counter() - started)
    return 2 * size / median(taken[1:])


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
