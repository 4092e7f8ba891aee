"""The verdict: chosen by one half of the prompts, measured on the other, never kinder than the figures."""

import random

import pytest

from ....daemon.bench.records import Run
from ....daemon.bench.schedule import Runs
from ....daemon.doctor.replay import ways
from ....daemon.doctor.verdict import decide, measured, times

PLAIN = 50.0


def runs_of(saved: dict[str, float], prompts: int = 24, noise: float = 1.0, seed: int = 0) -> Runs:
    """Runs in which each way saves so many ms, give or take ``noise``."""
    draw = random.Random(seed)
    return {
        name: [
            [Run((1, 2, 3, 4), 10.0, PLAIN - ms + draw.gauss(0, noise), tested=4, accepted=2, passes=2)]
            for _ in range(prompts)
        ]
        for name, ms in {"plain": 0.0, **saved}.items()
    }


def test_the_way_that_saves_most_is_named() -> None:
    found = decide(runs_of({"auto": 5.0, "lookup4": 12.0, "draft4": -8.0}))
    assert (found.kind, found.best, found.prompts) == ("speculate", "lookup4", 12)
    assert found.saved is not None
    assert found.saved.ms.low < 12.0 < found.saved.ms.high
    assert found.over_served is not None
    assert found.over_served.gains


def test_plain_is_faster_where_every_way_loses() -> None:
    found = decide(runs_of({"auto": -3.0, "lookup4": -9.0}))
    assert (found.kind, found.best, found.over_served) == ("plain", "auto", None)


def test_luck_on_the_prompts_of_the_choice_is_no_gain() -> None:
    """Twelve ways that save nothing: the best of them looks good where it was chosen."""
    kinds = [
        decide(runs_of(dict.fromkeys(("auto", *map(str, range(11))), 0.0), seed=s)).kind for s in range(40)
    ]
    assert kinds.count("even") >= 34


def test_too_few_prompts_say_nothing() -> None:
    found = decide(runs_of({"auto": 20.0}, prompts=8))
    assert (found.kind, found.saved) == ("unknown", None)


def test_a_disturbed_run_is_outvoted_by_its_repeats() -> None:
    runs = runs_of({"auto": 5.0}, noise=0.0)
    calm = runs["auto"][0][0]
    runs["auto"][0] = [calm, Run(calm.tokens, 10.0, 900.0), calm]
    assert times(runs, "auto")[0] == calm.total


def test_figures_of_every_way_that_was_run() -> None:
    found = measured(runs_of({"auto": 5.0}), ways(draft=False, compiled=True))
    assert [way.name for way in found] == ["plain", "auto"]
    assert found[0].saved is None
    assert (found[1].acceptance, found[1].per_pass) == (0.5, 2.0)
    assert found[1].saved is not None
    assert found[1].saved.part.value == pytest.approx(0.1, abs=0.02)
