"""In which order the arms run: interleaved, so that a machine's moods fall on all of them alike."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from .records import Run

SETTLE = 0.04  # seconds before a run, in which threads of another arm stop waiting for work
Tell = Callable[[str, float], None]
Runs = dict[str, list[list[Run]]]  # of each arm, for each prompt, one a repeat
CaseT_contra = TypeVar("CaseT_contra", contravariant=True)
RunT_co = TypeVar("RunT_co", covariant=True)


class Runner(Protocol[CaseT_contra, RunT_co]):
    """What takes turns: an arm of the bench (``records.Arm``), or of another comparison."""

    @property
    def name(self) -> str:
        """Its name among the others."""
        ...

    @property
    def label(self) -> str:
        """What a person is told while it runs."""
        ...

    def run(self, case: CaseT_contra, count: int) -> RunT_co:
        """Write ``count`` tokens after the case's prompt."""
        ...


def turns(arms: int, prompts: int, repeats: int) -> Iterator[tuple[int, int, int]]:
    """(repeat, prompt, arm) in the order of running: A B C for one prompt, A C B for the next, B C A, B A C…

    The order is rotated every second prompt and each repeat, so none is always first or always after another.
    """
    for repeat in range(repeats):
        for prompt in range(prompts):
            direction = -1 if prompt % 2 else 1
            for place in range(arms):
                yield repeat, prompt, (direction * place + prompt // 2 + repeat) % arms


def measure(
    arms: Sequence[Runner[CaseT_contra, RunT_co]],
    cases: Sequence[CaseT_contra],
    count: int,
    repeats: int,
    tell: Tell,
    *,
    settle: float | None = None,
) -> dict[str, list[list[RunT_co]]]:
    """Run every arm ``repeats`` times on every case, ``count`` tokens each, after runs that are left out.

    ``tell(stage, fraction)`` hears how far it is; ``settle`` seconds pass before a run (None: ``SETTLE``).
    """
    for number, arm in enumerate(arms):
        tell(f"warming up {arm.label}", number / len(arms))
        arm.run(cases[0], count)
        arm.run(cases[-1], count)
    runs: dict[str, list[list[RunT_co]]] = {arm.name: [[] for _ in cases] for arm in arms}
    total = len(arms) * len(cases) * repeats
    for done, (_, prompt, place) in enumerate(turns(len(arms), len(cases), repeats)):
        arm = arms[place]
        tell(f"{count} tokens, {arm.label}", done / total)
        time.sleep(SETTLE if settle is None else settle)
        runs[arm.name][prompt].append(arm.run(cases[prompt], count))
    return runs


def outputs(runs: Runs, name: str) -> list[tuple[int, ...]]:
    """What an arm wrote for each prompt, by its first run."""
    return [repeated[0].tokens for repeated in runs[name]]


def steady(runs: Mapping[str, Sequence[Sequence[Run]]]) -> dict[str, bool]:
    """For each arm whether all repeats of each prompt gave the same tokens."""
    return {
        name: all(run.tokens == repeated[0].tokens for repeated in prompts for run in repeated)
        for name, prompts in runs.items()
    }
