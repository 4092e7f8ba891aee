"""The formula for whole completions, against rounds that are counted one by one."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.bench.statistics import Spread
from ....daemon.bench.steps import Step, Steps
from ....daemon.evaluation.formula import Asked, draft_ms, levelled, plain_ms, predicted


def steps(plain: float, verify: dict[int, float], draft: dict[int, float]) -> Steps:
    """Steps by width: ms of a verify, ratio of a draft step."""

    def one(width: int, ms: float, ratio: float) -> Step:
        return Step(width, Spread(ms, ms, ms), ratio, 0.0)

    passes = [one(1, plain, 1.0), *(one(k + 1, ratio * plain, ratio) for k, ratio in verify.items())]
    return Steps(tuple(passes), tuple(one(k, k * ratio * plain, ratio) for k, ratio in draft.items()))


def test_plain_is_prompts_and_one_step_for_each_later_token() -> None:
    assert plain_ms(Asked([10.0, 20.0], [3, 1], host=0.5), 2.0) == pytest.approx(30.0 + 2 * 2.5)


def test_a_draft_that_is_always_right_needs_a_round_for_k_and_one() -> None:
    asked = Asked([10.0], [9], host=0.5)
    found = draft_ms(asked, steps(2.0, {2: 1.5}, {2: 0.1}), 2, 1.0, reading=4.0)
    assert found == pytest.approx(10.0 + 4.0 + 3 * 0.4 + 2 * (3.0 + 0.5))


def test_a_draft_that_is_never_right_only_adds() -> None:
    asked = Asked([10.0], [5], host=0.0)
    found = draft_ms(asked, steps(1.0, {1: 1.0}, {1: 0.25}), 1, 0.0, reading=1.0)
    assert found == pytest.approx(10.0 + 1.0 + 5 * 0.25 + 4.0)


def test_without_prompts_and_hosts_it_is_the_formula_of_the_design() -> None:
    measured = steps(2.0, {4: 1.2}, {4: 0.05})
    long = Asked([0.0], [1_000_000], host=0.0)
    assert predicted(long, measured, 4, 0.7, 0.0) == pytest.approx(measured.predicted(4, 0.7), rel=1e-3)


def test_the_formula_is_what_rounds_take() -> None:
    draw, measured, k, alpha, host = random.Random(0), steps(2.0, {3: 1.4}, {3: 0.1}), 3, 0.6, 0.3
    tokens = 20_000
    written, ms = 0, 0.0
    while written < tokens:
        accepted = next((n for n in range(k) if draw.random() >= alpha), k)
        written += accepted + 1
        ms += 3 * 0.2 + 2.8 + host
    assert draft_ms(Asked([0.0], [tokens], host), measured, k, alpha, 0.0) == pytest.approx(ms, rel=0.02)


@given(
    st.floats(0.0, 0.95),
    st.floats(0.01, 0.9),
    st.lists(st.tuples(st.floats(1.0, 50.0), st.integers(1, 60)), min_size=1, max_size=8),
)
def test_better_and_cheaper_drafts_are_promised_more(
    alpha: float, c: float, places: list[tuple[float, int]]
) -> None:
    asked = Asked([ms for ms, _ in places], [count for _, count in places], host=0.1)
    usual = predicted(asked, steps(1.0, {4: 1.1}, {4: c}), 4, alpha, 5.0)
    assert predicted(asked, steps(1.0, {4: 1.1}, {4: c}), 4, alpha + 0.04, 5.0) >= usual
    assert predicted(asked, steps(1.0, {4: 1.1}, {4: c + 0.1}), 4, alpha, 5.0) < usual
    assert predicted(asked, steps(1.0, {4: 1.1}, {4: c}), 4, alpha, 9.0) < usual


def test_passes_of_one_target_count_alike_for_all_its_drafts() -> None:
    calm, busy = (
        steps(2.0, {1: 1.1, 4: 1.5}, {1: 0.1, 4: 0.1}),
        steps(3.0, {1: 1.0, 4: 0.9}, {1: 0.2, 4: 0.3}),
    )
    first, second = levelled([calm, busy])
    assert first.verify == second.verify
    assert [step.ratio for step in first.verify] == pytest.approx([1.0, 1.1, 1.35])
    assert [step.ratio for step in first.draft] == pytest.approx([0.1, 0.1])
    assert [step.ratio for step in second.draft] == pytest.approx([0.3, 0.45])
    assert levelled([]) == []
