"""What was saved: its interval, the refusal to claim too early, and the warning with its reason."""

import random

import pytest

from .....daemon.engine.pacer.proof import Account, Machine, Proof, Reason

QUIET = Machine(pace=1.0, draft_step=0.1)


def proof_with(plain: list[float]) -> Proof:
    proof = Proof()
    for ms in plain:
        proof.plain_round(ms, 2.0)
    return proof


def account(tokens: int, actual: float, **counts: int) -> Account:
    return Account(tokens=tokens, plain=2.0 * tokens, actual=actual, drafting=1.0, **counts)


def test_nothing_is_claimed_before_there_is_a_baseline() -> None:
    assert proof_with([2.0] * 3).saved(account(10, 12.0)) is None
    assert proof_with([2.0] * 4).saved(account(0, 12.0)) is None


def test_saved_is_plain_less_actual_and_lies_in_its_interval() -> None:
    saved = proof_with([1.9, 2.0, 2.1, 2.0, 2.0]).saved(account(10, 12.0))
    assert saved is not None
    assert saved.ms == pytest.approx(8.0)
    assert saved.low < saved.ms < saved.high


def test_the_interval_narrows_with_more_plain_rounds() -> None:
    chance = random.Random(5)
    few = proof_with([chance.gauss(2.0, 0.2) for _ in range(6)]).saved(account(100, 150.0))
    many = proof_with([chance.gauss(2.0, 0.2) for _ in range(64)]).saved(account(100, 150.0))
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = random.Random(6)
    covered = 0
    for _ in range(400):
        proof = proof_with([max(0.1, chance.gauss(2.0, 0.3)) for _ in range(20)])
        plain_time = sum(max(0.1, chance.gauss(2.0, 0.3)) for _ in range(40))
        booked = Account(tokens=40, plain=40 * 2.0 * proof.correction, actual=50.0)
        saved = proof.saved(booked)
        assert saved is not None
        covered += saved.low <= plain_time - 50.0 <= saved.high
    assert 0.90 <= covered / 400 <= 0.99


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
    proof = proof_with([1.95, 2.0, 2.05, 2.0] * 5)
    for _ in range(20):
        proof.close(account(tokens, 2.6 * tokens, drafted=40, tested=30, accepted=accepted))
    loss = proof.loss(machine)
    assert loss is not None
    assert loss[1] == reason
    assert loss[0].high < 0


def test_gains_and_single_bad_answers_raise_no_warning() -> None:
    proof = proof_with([1.9, 2.0, 2.1, 2.0] * 5)
    for _ in range(20):
        proof.close(account(30, 40.0))
    proof.close(account(30, 80.0))
    assert proof.loss(QUIET) is None
    window = proof.window()
    assert window is not None
    assert window.low > 0
