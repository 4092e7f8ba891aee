"""Counters and rates: the arithmetic of DESIGN §1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...daemon.engine.records import Result, Times
from ...daemon.figures import Suggestions
from ...daemon.jobs import Job
from ...daemon.metrics import KEPT_REQUESTS, Meter, expected_tokens, percentile
from ...daemon.protocol import Complete, Feedback, Priority, Rates
from ...daemon.service import done_of

PRIORITIES: tuple[Priority, ...] = ("visible", "prefetch", "visible")


def result(drafted: int, tested: int, accepted: int, passes: int, total: float = 100.0) -> Result:
    """A result whose counts matter."""
    ms = Times(prompt=1.0, first=10.0, total=total, draft=0.0, verify=0.0, host=0.0)
    emitted = accepted + passes
    return Result("text", "end", drafted, tested, accepted, emitted, passes, 5, 7, ms)


def test_nothing_counted_has_no_rates() -> None:
    assert Meter().rates() == Rates()


def test_rates_are_those_of_the_sums() -> None:
    meter = Meter()
    for counts in (result(8, 6, 5, 2), result(4, 2, 1, 2, total=300.0)):
        meter.work(Job(b"", 1, Complete("a.py", "")), counts)
    rates = meter.rates()
    assert rates.alpha == 6 / 8
    assert rates.draft_efficiency == 6 / 12
    assert rates.k_mean == 3.0
    assert rates.tau == 10 / 4
    assert rates.tau_model == pytest.approx(1 + 0.75 + 0.75**2 + 0.75**3)
    assert rates.tokens_per_second == 10 / 0.4
    assert (meter.counters["reused"], meter.counters["computed"]) == (10, 14)


def test_outcomes_and_times_are_kept_without_text() -> None:
    meter = Meter()
    job = Job(b"", 1, Complete("secret.py", "secret"), arrived=100.0, started=100.25)
    meter.close(job, "done", done_of(result(1, 1, 1, 1), 250.0))
    meter.close(job, "superseded")
    meter.count("feedback.accepted")
    assert meter.outcomes() == {
        "outcome.done": 1,
        "finish.end": 1,
        "outcome.superseded": 1,
        "feedback.accepted": 1,
    }
    newest, oldest = meter.recent()
    assert (newest.outcome, newest.first, newest.queue) == ("superseded", None, 250.0)
    assert (oldest.outcome, oldest.first, oldest.total, oldest.emitted) == ("done", 260.0, 350.0, 2)
    assert "secret" not in repr(meter.recent())
    assert meter.rates().first_p50 == 260.0
    for _ in range(2 * KEPT_REQUESTS):
        meter.close(job, "error")
    assert len(meter.recent()) == KEPT_REQUESTS


@given(st.floats(0.0, 1.0), st.integers(0, 16))
def test_expected_tokens_are_the_sum_of_the_chances(alpha: float, k: int) -> None:
    chances = sum(alpha**position for position in range(k + 1))
    assert expected_tokens(alpha, k) == pytest.approx(chances, rel=1e-6)


@pytest.mark.parametrize(
    ("count", "share", "wanted"), [(1, 0.5, 1), (2, 0.5, 1), (3, 0.5, 2), (100, 0.95, 95), (20, 0.95, 19)]
)
def test_percentiles_take_the_nearest_rank(count: int, share: float, wanted: int) -> None:
    assert percentile(list(range(count, 0, -1)), share) == wanted
    assert percentile([], share) is None


def test_what_editors_tell_adds_up() -> None:
    meter = Meter()
    assert meter.suggestions() == Suggestions()
    for told in (
        Feedback("answered", ms=200.0, waited=50.0),
        Feedback("answered", ms=2.0, source="cache"),
        Feedback("answered", ms=4.0, source="prefetch", tokens=3),
        Feedback("shown", 20),
        Feedback("shown", 10),
        Feedback("partly_accepted", 4),
        Feedback("accepted", 16, again=True),
        Feedback("dismissed"),
        Feedback("retained", 15, of=20),
    ):
        meter.feedback(told)
    figures = meter.suggestions()
    assert (figures.shown, figures.acceptance, figures.accepted_characters) == (2, 0.5, 20)
    assert (figures.retained, figures.dismissed) == (0.75, 1)
    assert (figures.answer_p50, figures.answer_p95, figures.waited_p50) == (4.0, 150.0, 0.0)
    assert figures.answered == 3
    assert figures.known == pytest.approx(2 / 3)


def test_tokens_of_no_use_are_told_from_the_others() -> None:
    meter = Meter()
    used, ahead, gone = (Job(b"", n, Complete("a.py", "", priority=p)) for n, p in enumerate(PRIORITIES))
    gone.cancelled.set()
    for job in (used, ahead, gone):
        meter.work(job, result(2, 2, 1, 3))
    assert meter.suggestions().wasted_tokens == 8
    assert meter.suggestions().wasted == pytest.approx(2 / 3)
    meter.feedback(Feedback("answered", source="prefetch", tokens=4))
    assert meter.suggestions().wasted_tokens == 4
