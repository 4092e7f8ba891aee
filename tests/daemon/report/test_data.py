"""From completions to figures: counts, intervals, savings over runs, and nothing where nothing is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.history import Told
from ....daemon.report import data
from .samples import TOLD, completion, week


def test_nothing_is_invented() -> None:
    assert data.savings([]) == ()
    for make in (data.guessing, data.parts, data.first_text, data.reuse, data.editors):
        assert make([]) is None


def test_counts_of_guesses() -> None:
    found = data.guessing([completion(), completion(positions=((1, 1), (1, 1), (1, 0)))])
    assert found is not None
    assert (found.drafted, found.tested, found.accepted, found.emitted, found.passes) == (8, 6, 4, 8, 4)
    assert (found.alpha, found.tau, found.per_pass, found.kept) == (4 / 6, 2.0, 2.0, 1.0)
    assert [(one.tested, one.accepted) for one in found.positions] == [(3, 3), (2, 1), (1, 0)]


def test_without_guesses_there_is_no_acceptance() -> None:
    found = data.guessing([completion(drafted=0, tested=0, accepted=0, positions=())])
    assert found is not None
    assert (found.alpha, found.positions) == (None, ())


def test_wilson_interval() -> None:
    found = data.share(8, 10)
    assert (found.low, found.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_share_lies_in_its_interval(whole: int, part: float) -> None:
    found = data.share(int(part * whole), whole)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


def test_the_first_pass_belongs_to_the_prompt() -> None:
    found = data.parts([completion(passes=3, draft=3.0, verify=4.0, host=1.5, prompt=10.0)])
    assert found == data.Parts(draft=1.0, verify=2.0, host=0.5, prompt=10.0, rounds=3.0)
    single = data.parts([completion(passes=1, draft=0.0, verify=0.0)])
    assert single is not None
    assert single.verify == 0.0


def test_first_text_counts_what_somebody_waited_for() -> None:
    lines = [completion(first=ms) for ms in (0.01, 12.0, 13.0, 90.0)]
    lines += [completion(first=None), completion(first=5.0, priority="prefetch")]
    found = data.first_text(lines)
    assert found is not None
    assert (found.count, sum(found.bins), found.p50) == (4, 4, 12.5)
    assert len(found.edges) == len(found.bins) + 1
    assert found.edges[0] == 0.1
    assert found.edges[-1] == 100.0


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=60))
def test_every_first_text_is_in_a_bin(times: list[float]) -> None:
    found = data.first_text([completion(first=ms) for ms in times])
    assert found is not None
    assert sum(found.bins) == len(times)
    assert list(found.edges) == sorted(set(found.edges))
    assert found.bins[0] and found.bins[-1]


def test_savings_add_up_over_runs_and_their_intervals_by_squares() -> None:
    lines = [
        completion(at=1.0, run=0.0, saved_run=(4.0, 1.0, 7.0)),
        completion(at=2.0, run=0.0, saved_run=None),
        completion(at=3.0, run=0.0, saved_run=(10.0, 7.0, 13.0)),
        completion(at=5.0, run=4.0, saved_run=(-2.0, -6.0, 2.0)),
    ]
    found = data.savings(lines)
    assert [(one.at, one.completions, one.ms) for one in found] == [
        (1.0, 1, 4.0),
        (3.0, 3, 10.0),
        (5.0, 4, 8.0),
    ]
    assert (found[-1].low, found[-1].high) == (8.0 - 5.0, 8.0 + 5.0)


def test_savings_are_thinned_out_but_keep_beginning_and_end() -> None:
    lines = week(2000)
    found = data.savings(lines)
    assert len(found) <= data.MOST_POINTS + 1
    assert (found[0].at, found[-1].at) == (lines[0].at, lines[-1].at)


def test_reuse() -> None:
    found = data.reuse([completion(), completion(reused=0, computed=100), completion(reused=0, computed=0)])
    assert found == data.Reuse(90, 110, 0.45, (1, 0, 0, 0, 0, 0, 0, 0, 0, 1))


def test_editors_count_a_suggestion_once() -> None:
    again = Told(0.0, "partly_accepted", 5, 0, 1)
    found = data.editors([*TOLD, again, Told(0.0, "dismissed")])
    assert found == data.Editors(40, 14, 1, 14 * 20 + 5, 14 * 15, 14 * 20)
