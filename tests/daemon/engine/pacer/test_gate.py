"""When answers are not even looked at for drafts."""

import pytest

from .....daemon.engine.pacer.gate import CONTROL_SHARE, FIRST_TRIAL, FREE_CONTROLS, RAREST_TRIAL, Gate


def _served(gate: Gate, answers: int, saved: float, limit: int = 64) -> int:
    """Let ``answers`` come by that save this part of their plain time; returns how many were let through."""
    through = 0
    for _ in range(answers):
        if gate.way("line", limit) != "plain":
            gate.add("line", limit, 1.0, 1.0 - saved)
            through += 1
    return through


def _controls(gate: Gate, answers: int, saved: float) -> int:
    """Let answers come by that save this part of their plain time; returns how many had a control."""
    controls = 0
    for _ in range(answers):
        controls += gate.way("line", 64) == "control"
        gate.add("line", 64, 1.0, 1.0 - saved)
    return controls


def test_what_saves_is_always_let_through() -> None:
    assert _served(Gate(), 100, 0.2) == 100
    assert _served(Gate(), 100, 0.0) == 100


@pytest.mark.parametrize("saved", [0.0, 0.2, 0.5, 0.75])
def test_controls_are_made_and_cost_a_hundredth_of_the_time(saved: float) -> None:
    controls = _controls(Gate(), 2000, saved)
    assert controls >= 5
    paid = controls - FREE_CONTROLS
    assert paid * saved <= 1.2 * CONTROL_SHARE * 2000 * (1.0 - saved)


def test_the_more_is_saved_the_rarer_are_controls() -> None:
    controls = [_controls(Gate(), 1000, saved) for saved in (0.0, 0.1, 0.3, 0.6)]
    assert controls == sorted(controls, reverse=True)


def test_a_trial_has_a_control() -> None:
    gate = Gate()
    _served(gate, 40, -0.2)
    assert {gate.way("line", 64) for _ in range(2 * RAREST_TRIAL)} == {"plain", "control"}


def test_what_is_known_survives() -> None:
    gate, again = Gate(), Gate()
    _served(gate, 40, -0.5, limit=8)
    _served(gate, 40, 0.3, limit=64)
    again.restore(gate.export())
    assert again.way("line", 8) == "plain"
    assert _served(again, 100, -0.5, limit=8) <= 4
    assert again.way("line", 64) != "plain"
    assert again.export().keys() == {"line/short", "line/long"}


@pytest.mark.parametrize(
    "saved", [{"line/short": [-2.0, 4]}, {"line/long": [0.0, -1]}, {"word/long": [0.0, 0]}]
)
def test_what_does_not_fit_is_refused(saved: dict[str, list[float]]) -> None:
    with pytest.raises((KeyError, ValueError)):
        Gate().restore(saved)


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
    assert gate.way("block", 8) != "plain"


def test_an_answer_without_a_plain_time_says_nothing() -> None:
    gate = Gate()
    for _ in range(50):
        gate.add("line", 64, 0.0, 5.0)
    assert gate.way("line", 64) != "plain"


def test_trials_that_end_too_soon_to_tell_stay_rare() -> None:
    gate = Gate()
    _served(gate, 40, -0.2)
    trials = sum(gate.way("line", 64) == "control" for _ in range(10 * RAREST_TRIAL))
    assert 8 <= trials <= 10


def test_in_doubt_a_trial_comes_before_anything_else() -> None:
    gate = Gate()
    gate.doubt(0.2)
    ways = [gate.way("block", 64) for _ in range(FIRST_TRIAL + 1)]
    assert ways == ["plain"] * FIRST_TRIAL + ["control"]
    gate.add("block", 64, 1.0, 0.6)
    assert gate.way("block", 64) != "plain"
    assert gate.way("block", 8) == "plain"


def test_in_doubt_a_little_gain_is_no_proof() -> None:
    gate = Gate()
    gate.doubt(0.2)
    for _ in range(FIRST_TRIAL + 1):
        gate.way("block", 64)
    gate.add("block", 64, 1.0, 0.95)
    assert gate.way("block", 64) == "plain"


def test_what_is_known_is_not_doubted() -> None:
    gate, again = Gate(), Gate()
    _served(gate, 20, 0.1)
    again.restore(gate.export())
    again.doubt(0.2)
    assert again.way("line", 64) != "plain"
    assert again.way("block", 64) == "plain"


def test_after_a_lucky_trial_the_next_one_is_as_rare_as_before() -> None:
    gate = Gate()
    _served(gate, 200, -0.2)
    while gate.way("line", 64) == "plain":
        pass
    gate.add("line", 64, 1.0, 0.2)
    assert gate.way("line", 64) != "plain"
    _served(gate, 12, -0.9)
    wait = next(index for index in range(RAREST_TRIAL + 1) if gate.way("line", 64) != "plain")
    assert wait > RAREST_TRIAL // 2
