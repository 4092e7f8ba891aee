"""How long to wait, with a clock of the test's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....lsp.moment import Rhythm
from ....lsp.moment.rhythm import LEAST_MS, MOST_MS


def typed(gaps: list[float], answers: list[float]) -> tuple[Rhythm, float]:
    """A rhythm that has seen keys with these gaps, and these answers (both milliseconds), and the time."""
    rhythm, now = Rhythm(), 100.0
    rhythm.typed(now)
    for gap in gaps:
        now += gap / 1000
        rhythm.typed(now)
    for answer in answers:
        rhythm.answered(answer)
    return rhythm, now


def test_a_fast_daemon_is_asked_at_once() -> None:
    rhythm, now = typed([200.0] * 30, [40.0] * 10)
    assert rhythm.wait_ms(now) == LEAST_MS


def test_for_a_slow_daemon_the_next_key_is_waited_for() -> None:
    rhythm, now = typed([120.0] * 30, [400.0] * 10)
    assert rhythm.wait_ms(now) == pytest.approx(120.0)
    slower, later = typed([220.0] * 30, [900.0] * 10)
    assert slower.wait_ms(later) == pytest.approx(220.0)


def test_between_them_the_wait_grows_with_the_time_an_answer_takes() -> None:
    waits = []
    for answer in (60.0, 120.0, 140.0, 160.0, 190.0, 250.0):
        rhythm, now = typed([200.0] * 30, [answer] * 10)
        waits.append(rhythm.wait_ms(now))
    assert waits == sorted(waits) and waits[0] < waits[2] < waits[-1]


def test_what_the_editor_waited_counts() -> None:
    rhythm, now = typed([150.0] * 30, [500.0] * 10)
    assert rhythm.wait_ms(now + 0.1) == pytest.approx(50.0)
    assert rhythm.wait_ms(now + 0.2) == 0.0


def test_asked_by_hand_or_before_any_key_there_is_no_wait() -> None:
    rhythm, now = typed([100.0] * 30, [900.0] * 10)
    assert rhythm.wait_ms(now, invoked=True) == 0.0
    assert Rhythm().wait_ms(now) == 0.0


def test_pauses_are_no_typing() -> None:
    rhythm, now = typed([100.0] * 24 + [5000.0, 60_000.0] * 6, [900.0] * 10)
    assert rhythm.wait_ms(now) == pytest.approx(100.0)


TIMES = st.lists(st.floats(0, 10_000), max_size=40)


@given(TIMES, TIMES, st.floats(-1, 5))
def test_the_wait_has_bounds(gaps: list[float], answers: list[float], since: float) -> None:
    rhythm, now = typed(gaps, answers)
    assert 0.0 <= rhythm.wait_ms(now + since) <= MOST_MS
