"""What was saved: its interval, the refusal to claim too early, and the warning with its reason."""

import math
import random

import pytest

from .....daemon.engine.pacer.baseline import Baseline
from .....daemon.engine.pacer.proof import Account, Machine, Proof, Reason

QUIET = Machine(pace=1.0, draft_step=0.1)


def proof_with(apart: list[float]) -> Proof:
    """One that saw plain rounds beside others in answers, off by the logarithms ``apart``."""
    proof = Proof()
    for difference in apart:
        for first in (True, False):
            proof.baseline.beside(math.exp(difference), first=first)
    return proof


def account(tokens: int, actual: float, **counts: int) -> Account:
    return Account(answers=1, tokens=tokens, plain=2.0 * tokens, actual=actual, **counts)


def test_little_is_claimed_before_there_is_a_baseline() -> None:
    early, later = proof_with([]).saved(account(10, 16.0)), proof_with([0.0] * 24).saved(account(10, 16.0))
    assert early is not None
    assert later is not None
    assert early.low < 0 < later.low
    assert proof_with([0.0] * 8).saved(account(0, 12.0)) is None


def test_saved_is_plain_less_actual_and_lies_in_its_interval() -> None:
    saved = proof_with([-0.02, 0.0, 0.02, 0.0, 0.0]).saved(account(10, 12.0))
    assert saved is not None
    assert saved.ms == pytest.approx(8.0)
    assert saved.low < saved.ms < saved.high


def test_the_interval_narrows_with_more_neighbours_and_more_answers() -> None:
    chance = random.Random(5)
    few = proof_with([chance.gauss(0.0, 0.1) for _ in range(3)])
    many = proof_with([chance.gauss(0.0, 0.1) for _ in range(24)])
    assert many.baseline.half(1) < few.baseline.half(1)
    assert many.baseline.half(30) < 0.5 * many.baseline.half(1)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Plain rounds take 0.9 of the others, and the rounds of an answer differ from it by a tenth."""
    chance = random.Random(6)
    covered = 0
    for _ in range(400):
        baseline = Baseline()
        for index in range(32):
            baseline.beside(0.9 * math.exp(chance.gauss(0.0, 0.1)), first=index % 2 == 0)
        told = baseline.ratio * 5.0
        truth = sum(0.9 * math.exp(chance.gauss(0.0, 0.1)) for _ in range(5))
        covered += abs(told - truth) <= told * baseline.half(5)
    assert 0.90 <= covered / 400 <= 0.995


def test_that_early_rounds_are_slow_is_no_gain_and_no_loss() -> None:
    """Early rounds take 1.4 of the later ones, and plain ones 0.9 of the others."""
    baseline = Baseline()
    for _ in range(24):
        first = baseline.wants_first
        baseline.beside(0.9 * 1.4 if first else 0.9 / 1.4, first=first)
    assert baseline.ratio == pytest.approx(0.9, abs=0.01)


def test_what_looking_takes_counts_before_a_control_was_made_and_controls_correct_it() -> None:
    baseline = Baseline(math.log(0.8))
    assert baseline.ratio == pytest.approx(0.8)
    for index in range(40):
        baseline.beside(1.0, first=index % 2 == 0)
    assert baseline.ratio == pytest.approx(1.0, abs=0.02)


def test_an_interruption_while_one_kind_was_written_changes_little() -> None:
    baseline = Baseline()
    for index in range(30):
        baseline.beside(0.9, first=index % 2 == 0)
    before = baseline.ratio
    baseline.beside(500.0, first=True)
    baseline.beside(0.9, first=False)
    assert baseline.ratio == pytest.approx(before, abs=0.05)


@pytest.mark.parametrize(
    ("machine", "tokens", "accepted", "reason"),
    [
        (Machine(pace=1.8, draft_step=0.1), 30, 20, "busy device"),
        (QUIET, 30, 1, "pair mismatch"),
        (Machine(pace=1.0, draft_step=0.9), 30, 20, "slow draft"),
        (QUIET, 5, 20, "short answers"),
        (QUIET, 30, 20, "overhead"),
    ],
)
def test_a_loss_is_told_with_its_reason(machine: Machine, tokens: int, accepted: int, reason: Reason) -> None:
    proof = proof_with([-0.02, 0.0, 0.02, 0.0] * 5)
    for _ in range(20):
        proof.close(account(tokens, 2.6 * tokens, tested=30, accepted=accepted))
    loss = proof.loss(machine)
    assert loss is not None
    assert loss[1] == reason
    assert loss[0].high < 0


def test_gains_and_single_bad_answers_raise_no_warning() -> None:
    proof = proof_with([-0.05, 0.0, 0.05, 0.0] * 5)
    for _ in range(20):
        proof.close(account(30, 40.0))
    proof.close(account(30, 80.0))
    assert proof.loss(QUIET) is None
    window = proof.window()
    assert window is not None
    assert window.low > 0
