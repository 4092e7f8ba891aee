"""Calibration: every size is measured in turn, the first time not counted, and it can be stopped."""

import pytest

from .....daemon.engine.pacer.calibration import IN_A_ROW, LEAST_ROUNDS, MOST_ROUNDS, Steps, calibrate
from .....daemon.engine.pacer.costs import Costs


class Machine:
    """A machine with its own clock: steps advance it by known times, the first time by more."""

    def __init__(self, slow: float = 1.0) -> None:
        self.now = 0.0
        self.made: list[tuple[str, int]] = []
        self._slow = slow

    def clock(self) -> float:
        return self.now

    def verify(self, width: int) -> None:
        self._step("verify", width, 0.002 + 0.0005 * width)

    def draft(self, steps: int) -> None:
        self._step("draft", steps, 0.0004 * steps)

    def _step(self, kind: str, size: int, seconds: float) -> None:
        first = (kind, size) not in self.made
        self.made.append((kind, size))
        self.now += self._slow * seconds * (50.0 if first else 1.0)

    def steps(self) -> Steps:
        return Steps(300, self.verify, (1, 2, 5, 9), self.draft, (1, 4))


def test_times_are_known_afterwards_and_the_first_run_does_not_count() -> None:
    machine, costs = Machine(), Costs(8)
    assert calibrate(costs, machine.steps(), clock=machine.clock)
    row = costs.verify.row(300)
    assert row[1] == pytest.approx(2.5, rel=0.02)
    assert row[7] == pytest.approx(5.5, rel=0.05)
    assert costs.draft.row(300)[4] == pytest.approx(1.6, rel=0.02)


@pytest.mark.parametrize(
    ("slow", "rounds"), [(0.001, (IN_A_ROW + 1) * (MOST_ROUNDS + 1)), (1000.0, LEAST_ROUNDS + 1)]
)
def test_it_takes_no_longer_than_it_must(slow: float, rounds: int) -> None:
    machine = Machine(slow)
    calibrate(Costs(8), machine.steps(), clock=machine.clock)
    assert machine.made.count(("verify", 5)) == rounds


class Forgetful(Machine):
    """After calls of the draft loop the first four target passes take twice as long."""

    def verify(self, width: int) -> None:
        recent = [kind for kind, _ in self.made[-4:]]
        self._step("verify", width, (0.002 + 0.0005 * width) * (2.0 if "draft" in recent else 1.0))


def test_passes_that_a_draft_loop_has_just_slowed_down_do_not_count() -> None:
    machine, costs = Forgetful(0.1), Costs(8)
    assert calibrate(costs, machine.steps(), clock=machine.clock)
    assert costs.verify.row(300)[1] == pytest.approx(0.25, rel=0.02)


def test_it_stops_when_asked() -> None:
    machine, costs = Machine(), Costs(8)
    assert not calibrate(costs, machine.steps(), lambda: len(machine.made) >= 3, machine.clock)
    assert len(machine.made) == 3
    assert not costs.known
