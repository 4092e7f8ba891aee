"""Chances of acceptance: order, learning, contexts, sudden change, and what goes to disk."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.pacer.acceptance import Acceptance
from .....daemon.engine.pacer.counts import Counts, isotonic
from .....daemon.engine.pacer.drift import Drift
from .....daemon.engine.pacer.signals import AGREES, ALONE, BINS, DIFFERS, confidence_bin, match_bin, place_of

UNIT = st.floats(min_value=0.0, max_value=1.0)
OUTCOMES = st.lists(st.tuples(st.integers(0, BINS - 1), st.booleans()), max_size=200)


@given(st.lists(st.tuples(UNIT, st.floats(0.1, 100.0)), min_size=1, max_size=20))
def test_pooling_gives_the_closest_rising_sequence(pairs: list[tuple[float, float]]) -> None:
    means, weights = zip(*pairs, strict=True)
    fitted = isotonic(means, weights)
    assert len(fitted) == len(means)
    assert all(low <= high + 1e-12 for low, high in pairwise(fitted))
    total = sum(weight * mean for mean, weight in pairs)
    assert sum(weight * mean for mean, weight in zip(fitted, weights, strict=True)) == pytest.approx(total)
    if list(means) == sorted(means):
        assert fitted == pytest.approx(list(means))


@given(OUTCOMES)
def test_chances_are_chances_and_rise_with_the_signal(outcomes: list[tuple[int, bool]]) -> None:
    acceptance = Acceptance()
    for signal, accepted in outcomes:
        acceptance.learn("draft", signal, ALONE, 0, 0, accepted=accepted)
    curve = acceptance.curve("draft")
    assert all(low <= high + 1e-12 for low, high in pairwise(curve))
    for signal in range(BINS):
        estimate = acceptance.estimate("draft", signal, ALONE, 3, 0)
        assert 0.0 < estimate.mean < 1.0
        assert 0.0 < estimate.deviation < 0.5


@given(UNIT, UNIT, st.integers(0, 100), st.integers(0, 100))
def test_bins_follow_their_signal(low: float, high: float, short: int, long: int) -> None:
    low, high = sorted((low, high))
    short, long = sorted((short, long))
    assert 0 <= confidence_bin(low) <= confidence_bin(high) < BINS
    assert 0 <= match_bin(short) <= match_bin(long)
    assert place_of(short) <= place_of(long)


def test_it_learns_rates_by_signal_agreement_and_context() -> None:
    acceptance, chance = Acceptance(), random.Random(1)
    dot, string = acceptance.context("python", 5), acceptance.context("python", 4)
    truth = {(AGREES, dot): 0.95, (DIFFERS, dot): 0.3, (AGREES, string): 0.7, (DIFFERS, string): 0.1}
    for _ in range(1500):
        for (extra, context), rate in truth.items():
            accepted = chance.random() < rate
            acceptance.learn("draft", 5, extra, 0, context, accepted=accepted)
    for (extra, context), rate in truth.items():
        assert acceptance.chance("draft", 5, extra, 0, context) == pytest.approx(rate, abs=0.1)


def test_a_context_never_seen_takes_the_coarser_estimate() -> None:
    acceptance, chance = Acceptance(), random.Random(2)
    for _ in range(400):
        acceptance.learn("lookup", 3, ALONE, 0, 0, accepted=chance.random() < 0.9)
    elsewhere = acceptance.chance("lookup", 3, ALONE, 0, acceptance.context("lua", 2))
    assert elsewhere == pytest.approx(0.9, abs=0.08)


def test_a_ruined_drafter_is_seen_within_twenty_outcomes_and_its_return_too() -> None:
    acceptance, chance = Acceptance(), random.Random(3)
    for _ in range(600):
        acceptance.learn("draft", 8, ALONE, 0, 0, accepted=chance.random() < 0.85)
    assert acceptance.chance("draft", 8, ALONE, 0, 0) > 0.75
    for _ in range(20):
        acceptance.learn("draft", 8, ALONE, 0, 0, accepted=False)
    assert acceptance.chance("draft", 8, ALONE, 0, 0) < 0.25
    for _ in range(400):
        acceptance.learn("draft", 8, ALONE, 0, 0, accepted=chance.random() < 0.02)
    for _ in range(25):
        acceptance.learn("draft", 8, ALONE, 0, 0, accepted=chance.random() < 0.85)
    assert acceptance.chance("draft", 8, ALONE, 0, 0) > 0.5


def test_uncertainty_falls_with_outcomes_and_grows_without() -> None:
    acceptance = Acceptance()
    before = acceptance.estimate("draft", 6, ALONE, 0, 0).deviation
    for index in range(200):
        acceptance.learn("draft", 6, ALONE, 0, 0, accepted=index % 2 == 0)
    known = acceptance.estimate("draft", 6, ALONE, 0, 0).deviation
    assert known < before / 2
    acceptance.drifts["draft"].idle(500)
    assert acceptance.estimate("draft", 6, ALONE, 0, 0).deviation > 2 * known


def test_quiet_noise_moves_the_drift_little() -> None:
    drift, chance = Drift(), random.Random(4)
    squares = 0.0
    for _ in range(3000):
        drift.update(1.0 / (1.0 + math.exp(-0.85 - drift.shift)), chance.random() < 0.7)
        squares += drift.shift**2
    assert math.sqrt(squares / 3000) < 0.45


@given(OUTCOMES)
def test_what_is_exported_can_be_restored(outcomes: list[tuple[int, bool]]) -> None:
    acceptance = Acceptance()
    context = acceptance.context("python", 2)
    for signal, accepted in outcomes:
        for _ in range(3):
            acceptance.learn("lookup", min(signal, 9), ALONE, 1, context, accepted=accepted)
    saved = acceptance.export()
    other = Acceptance()
    other.restore(saved["languages"], saved["cells"])
    assert other.context("python", 2) == context
    assert other.curve("lookup") == pytest.approx(acceptance.curve("lookup"), abs=0.01)


def test_counts_shrink_towards_the_coarser_cell() -> None:
    counts = Counts(memory=100.0, weight=10.0, prior_weight=5.0)
    for _ in range(50):
        counts.add(((1,), (1, 2)), True)
    mean, rests = counts.refine(counts.own((1,), 0.5)[0], ((1, 2), (1, 2, 3)))
    assert 0.9 < mean < 1.0
    assert rests == pytest.approx(39.5, abs=1.0)
