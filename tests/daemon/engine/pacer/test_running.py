"""The running median: what outliers and changes of level do to it."""

from statistics import median_low

from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.pacer.running import FAR, RUN, WINDOW, Median

ANY = st.floats(min_value=-10.0, max_value=10.0)


@given(st.lists(st.floats(min_value=1.0, max_value=1.0 + FAR), min_size=1, max_size=60))
def test_it_is_the_median_of_the_last_values(values: list[float]) -> None:
    running = Median()
    for value in values:
        running.add(value)
    assert running.value == median_low(values[-WINDOW:])
    assert running.count == min(WINDOW, len(values))
    assert running.values() == values[-WINDOW:]


@given(st.lists(st.lists(ANY, max_size=RUN - 1), max_size=10))
def test_short_runs_of_outliers_cannot_move_it(runs: list[list[float]]) -> None:
    running = Median()
    for value in [2.0] * WINDOW + [value for run in runs for value in (*run, 2.0, 2.0, 2.0)]:
        running.add(value)
    assert running.value == 2.0


def test_a_run_of_far_values_is_the_new_level() -> None:
    running = Median()
    for value in [1.0] * 40 + [3.0] * RUN:
        running.add(value)
    assert running.value == running.last == 3.0
    assert running.count == RUN


def test_a_small_lasting_change_is_the_estimate_after_half_a_window() -> None:
    running = Median()
    for value in [1.0] * 40 + [1.0 + FAR / 2] * (WINDOW // 2 + 1):
        running.add(value)
    assert running.value == 1.0 + FAR / 2
