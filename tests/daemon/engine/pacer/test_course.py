"""The times of an answer's rounds beside what was expected of them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.pacer.course import LEAST_PASSES, Course, cost_of
from .....daemon.engine.pacer.round import Done

ROW = [0.0, 2.0, 2.5, 3.0, 3.5]
MS = st.floats(0.01, 100.0)
PASSES = st.lists(st.tuples(MS | st.none(), MS, st.integers(1, 9), MS), max_size=12)


def done(kept: int, verify: float | None, used: int = 1, **more: object) -> Done:
    """A round in which ``kept`` drafted tokens went through the target."""
    return Done([7] * kept, kept, 0, [9], used, verify, **more)  # type: ignore[arg-type]


def course(*rounds: Done) -> Course:
    found = Course()
    for each in rounds:
        found.add(each, ROW)
    return found


def passes(given: list[tuple[float | None, float, int, float]]) -> Course:
    found = Course()
    for ms, plain, used, widened in given:
        found.add_pass(ms, plain, used, widened)
    return found


@pytest.mark.parametrize(("size", "cost"), [(0, 0.0), (1, 2.0), (4, 3.5), (5, 3.5), (900, 3.5)])
def test_what_is_wider_than_any_known_costs_what_the_widest_does(size: int, cost: float) -> None:
    assert cost_of(ROW, size) == cost


def test_few_passes_do_not_tell_how_fast_an_answer_was() -> None:
    few = course(*[done(0, 4.0)] * (LEAST_PASSES - 1))
    enough = course(*[done(0, 4.0)] * LEAST_PASSES)
    assert (few.telling, few.level(1.5)) == (False, 1.5)
    assert (enough.telling, enough.level(1.5)) == (True, 2.0)


def test_nothing_made_took_nothing() -> None:
    found = Course()
    assert found.level(1.25) == 1.25
    assert found.actual(1.25, 0.9) == 0.0


def test_a_pass_that_read_the_prompt_says_nothing_of_how_fast_rounds_are() -> None:
    found = course(*[done(0, 4.0)] * LEAST_PASSES, done(3, None))
    assert found.passes == LEAST_PASSES
    assert found.level(1.0) == 2.0


def test_of_a_pass_that_read_the_prompt_its_token_counts_as_a_plain_one() -> None:
    """Three timed rounds of 4 ms; the first pass is taken for 2 x (1.5 for its drafts + 0.9 of 2 ms)."""
    found = course(*[done(0, 4.0)] * 3, done(3, None))
    assert found.actual(2.0, 0.9) == pytest.approx(12.0 + 2.0 * (1.5 + 0.9 * 2.0))


def test_drafting_and_choosing_are_paid_beside_the_passes() -> None:
    found = course(done(2, 3.0, calls=[(2, 0.25), (1, 0.125)], fill=(80, 1.0), choosing=0.5))
    assert found.actual(1.0, 1.0) == 3.0 + 0.25 + 0.125 + 1.0 + 0.5


def test_plain_decoding_would_have_taken_a_step_for_each_token_used() -> None:
    assert course(done(3, 3.5, used=4), done(0, None, used=1), done(2, 3.0, used=2)).plain == 7 * 2.0


def test_a_forced_draft_beyond_the_known_widths_is_expected_to_cost_the_widest() -> None:
    assert course(done(50, 3.5)).expected == 3.5


@given(PASSES, st.integers(0, 99), MS, st.floats(0.5, 2.0))
def test_the_order_of_the_rounds_makes_no_difference(
    made: list[tuple[float | None, float, int, float]], seed: int, pace: float, ratio: float
) -> None:
    shuffled = random.Random(seed).sample(made, len(made))
    one, other = passes(made), passes(shuffled)
    assert one.plain == pytest.approx(other.plain)
    assert one.level(pace) == pytest.approx(other.level(pace))
    assert one.actual(pace, ratio) == pytest.approx(other.actual(pace, ratio))


@given(PASSES, st.floats(0.1, 10.0), st.floats(0.5, 2.0))
def test_a_machine_that_is_slower_throughout_has_a_higher_level_and_nothing_else(
    made: list[tuple[float | None, float, int, float]], factor: float, ratio: float
) -> None:
    slower = passes([(None if ms is None else ms * factor, *rest) for ms, *rest in made])  # type: ignore[misc]
    quick = passes(made)
    assert slower.level(factor) == pytest.approx(factor * quick.level(1.0))
    assert slower.actual(slower.level(factor), ratio) == pytest.approx(
        factor * quick.actual(quick.level(1.0), ratio)
    )
