"""The pacer on simulated machines and drafters, where the best that could be done is known exactly."""

import random
from collections.abc import Sequence

import pytest

from .....daemon.bench.policies import simulator
from .....daemon.bench.policies.ours import Paced
from .....daemon.bench.policies.playing import Outcome, Policy, View, oracle, play
from .....daemon.bench.policies.rivals import Fixed
from .....daemon.bench.policies.world import MOST, Recorded, Times
from .....daemon.engine.pacer.costs import Costs
from .....daemon.engine.pacer.decision import Pacer


def paced(times: Times) -> Paced:
    """A pacer that knows nothing but a short calibration."""
    costs = Costs(MOST)
    for width in (1, 2, 5, 9):
        costs.verified(width, 0, times.verify[width])
    costs.drafted(1, 0, times.draft[1])
    return Paced(Pacer(MOST, costs))


class Traced:
    """A policy whose rounds are kept: (ms, emitted, drafted tokens verified)."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.rounds: list[tuple[float, int, int]] = []
        self.begin, self.propose, self.end = policy.begin, policy.propose, policy.end

    def learn(self, outcome: Outcome) -> None:
        self.rounds.append((outcome.ms, len(outcome.emitted), outcome.kept))
        self._policy.learn(outcome)


def speed(rounds: Sequence[tuple[float, int, int]]) -> float:
    """Tokens for a plain step's time."""
    return sum(emitted for _, emitted, _ in rounds) / sum(ms for ms, _, _ in rounds)


@pytest.mark.parametrize("knowing", [0.0, 0.5])
@pytest.mark.parametrize("widening", [0.0, 0.15, 0.4])
@pytest.mark.parametrize("draft", [0.02, 0.1, 0.4])
@pytest.mark.parametrize("acceptance", [0.3, 0.55, 0.8, 0.95])
def test_within_three_percent_of_the_best_length_in_hindsight(
    acceptance: float, draft: float, widening: float, knowing: float
) -> None:
    times = simulator.times(draft, widening=widening)
    answers = simulator.answers(acceptance, count=40, knowing=knowing)
    fixed = [play(Fixed(length), answers, times).per_token for length in range(MOST + 1)]
    score = play(paced(times), answers, times)
    assert score.per_token <= 1.03 * min(fixed)
    assert score.ms >= oracle(answers, times, sources=["draft"])
    if fixed[0] < 0.97 * min(fixed[1:]) and not knowing:
        assert score.plain_rounds > 0.85 * score.rounds


@pytest.mark.parametrize("draft", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("ruin", ["random weights", "as slow as the target"])
def test_a_ruined_draft_costs_little_and_its_return_is_used(draft: float, ruin: str) -> None:
    good = simulator.times(draft, widening=0.1)
    bad = simulator.times(1.0, widening=0.1) if ruin == "as slow as the target" else good
    trace = Traced(paced(good))

    def phase(acceptance: float, times: Times, count: int, seed: int) -> list[tuple[float, int, int]]:
        before = len(trace.rounds)
        answers = simulator.answers(acceptance, count=count, length=32, knowing=0.5, seed=seed)
        play(trace, answers, times)
        return trace.rounds[before:]

    usual = speed(phase(0.8, good, 40, 1)[100:])
    ruined = phase(0.02 if bad is good else 0.8, bad, 60, 2)
    assert speed(ruined[20:]) >= 0.97
    back = phase(0.8, good, 60, 3)
    assert speed(back[120:]) >= 0.93 * usual


def test_everything_slower_at_once_changes_no_choice() -> None:
    quiet = simulator.times(0.1, widening=0.1)
    busy = simulator.times(0.1, widening=0.1, plain=3.0)
    answers = simulator.answers(0.7, count=30, knowing=0.5)
    pacer = paced(quiet)
    before = play(pacer, answers, quiet)
    during = play(pacer, answers, busy)
    assert during.ms == pytest.approx(3.0 * before.ms, rel=0.05)


def test_plain_rounds_are_rare_where_speculation_pays_and_keep_the_baseline() -> None:
    times = simulator.times(0.05)
    pacer = paced(times)
    score = play(pacer, simulator.answers(0.9, count=80, knowing=0.0), times)
    assert 0 < score.plain_rounds <= 0.02 * score.rounds + 80
    saved = pacer.pacer.proof.saved(pacer.pacer.proof.total)
    assert saved is not None
    assert saved.low > 0
    assert saved.ms == pytest.approx(score.emitted - score.ms, rel=0.05)


def test_the_same_rounds_give_the_same_choices() -> None:
    times = simulator.times(0.1, widening=0.1)
    answers = simulator.answers(0.6, count=20, knowing=0.5)
    first, second = Traced(paced(times)), Traced(paced(times))
    play(first, answers, times)
    play(second, answers, times)
    assert first.rounds == second.rounds


class _Greedy:
    """Always takes what the target accepts of the draft model, an oracle without foresight."""

    def begin(self, answer: Recorded) -> None:
        pass

    def propose(self, view: View) -> Sequence[int]:
        return view.draft(view.answer.reach[view.position]["draft"])[0]

    def learn(self, outcome: Outcome) -> None:
        pass

    def end(self, answer: Recorded) -> None:
        pass


def test_the_oracle_is_at_least_as_good_as_any_policy_that_peeks() -> None:
    times = simulator.times(0.3, widening=0.2)
    answers = simulator.answers(0.6, count=10)
    assert oracle(answers, times, sources=["draft"]) <= play(_Greedy(), answers, times).ms + 1e-9
    assert oracle(answers, times, sources=[]) == pytest.approx(10 * 64 * times.plain)


@pytest.mark.parametrize(("deviation", "outliers"), [(0.1, 0.02), (0.3, 0.1), (0.6, 0.2)])
def test_noisy_times_mislead_little(deviation: float, outliers: float) -> None:
    """Measured times vary as on a machine that others use; some are three to ten times too long."""
    times = simulator.times(0.1, widening=0.15)
    answers = simulator.answers(0.55, count=60, knowing=0.5)
    chance = random.Random(5)

    def noise() -> float:
        late = chance.uniform(3.0, 10.0) if chance.random() < outliers else 1.0
        return late * chance.lognormvariate(0.0, deviation)

    best = min(play(Fixed(length), answers, times).per_token for length in range(MOST + 1))
    assert play(paced(times), answers, times, noise=noise).per_token <= 1.04 * best
