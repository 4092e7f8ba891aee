"""When answers are not even looked at for drafts."""

from .....daemon.engine.pacer.ledger import FIRST_TRIAL, RAREST_TRIAL, Gate


def _served(gate: Gate, answers: int, saved: float, limit: int = 64) -> int:
    """Let ``answers`` come by that save this part of their plain time; returns how many were let through."""
    through = 0
    for _ in range(answers):
        if gate.opens("line", limit):
            gate.add("line", limit, 1.0, 1.0 - saved)
            through += 1
    return through


def test_what_saves_is_always_let_through() -> None:
    assert _served(Gate(), 100, 0.2) == 100
    assert _served(Gate(), 100, 0.0) == 100


def test_a_loss_is_noticed_and_tried_again_ever_more_rarely() -> None:
    gate = Gate()
    assert _served(gate, 12, -0.2) < 8
    assert 1 <= _served(gate, 3 * RAREST_TRIAL, -0.2) <= 8
    assert _served(gate, 10 * RAREST_TRIAL, -0.2) <= 10


def test_it_opens_again_at_the_first_trial_that_saves() -> None:
    gate = Gate()
    _served(gate, 12, -0.2)
    assert _served(gate, 4 * FIRST_TRIAL, 0.3) >= 1
    assert _served(gate, 50, 0.3) == 50


def test_short_and_long_answers_and_modes_are_told_apart() -> None:
    gate = Gate()
    _served(gate, 40, -0.5, limit=8)
    assert _served(gate, 20, 0.1, limit=128) == 20
    assert gate.opens("block", 8)


def test_an_answer_without_a_plain_time_says_nothing() -> None:
    gate = Gate()
    for _ in range(50):
        gate.add("line", 64, 0.0, 5.0)
    assert gate.opens("line", 64)
