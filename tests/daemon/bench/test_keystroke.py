"""What one more character costs: what is asked, in which order, and what is counted."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from ....daemon.bench import keystroke
from ....daemon.bench.keystroke import TOKENS, Keystroke, first_text, measure_keystrokes
from ....daemon.bench.records import Case
from ....daemon.engine.records import Completion, Piece, Result, Times

TIMES = Times(prompt=0.0, first=0.0, total=0.0, draft=0.0, verify=0.0, host=0.0)
CASES = [Case(name, "line", "a.py", f"{name} = ", "\n", (1, 2), key="k") for name in ("a", "b", "c")]


@dataclass
class Typed:
    """An engine on which a cold prompt takes forty times as long as one more key."""

    pieces: bool = True
    result: bool = True
    clock: float = 0.0
    asked: list[tuple[str, bool]] = field(default_factory=list)
    cold: bool = False

    def forget(self) -> None:
        """The next prompt is read from the beginning."""
        self.cold = True

    def complete(self, request: Completion, cancelled: object) -> Iterator[Piece | Result]:
        """Let the clock go on; a piece comes before all is written."""
        assert request.max_tokens == TOKENS
        self.asked.append((request.prefix, self.cold))
        computed = 400 if self.cold else 10
        self.clock += computed / 1000
        if self.pieces:
            yield Piece("x")
        self.clock += 5.0
        if self.result:
            yield Result("x", "length", 0, 0, 0, 4, 4, 410 - computed, computed, TIMES)
        self.cold = False


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """The engine, whose clock is the bench's."""
    found = Typed()
    monkeypatch.setattr(keystroke, "SETTLE", 0.0)
    monkeypatch.setattr(time, "perf_counter", lambda: found.clock)
    return found


def measured(engine: Typed, repeats: int = 2) -> Keystroke:
    """What is found on all cases."""
    return measure_keystrokes(engine, CASES, repeats, lambda _stage, _part: None)  # type: ignore[arg-type]


def test_a_key_is_typed_after_each_cold_prompt(engine: Typed) -> None:
    measured(engine, repeats=1)
    warmed, *asked = engine.asked
    assert warmed == ("a = ", True)
    assert asked == [pair for case in CASES for pair in ((case.prefix, True), (case.prefix + "k", False))]


def test_the_key_is_compared_with_the_cold_prompt(engine: Typed) -> None:
    found = measured(engine)
    assert (found.prompts, found.computed, found.of) == (3, 10, 410)
    assert found.cold.median == pytest.approx(400.0)
    assert found.key.median == pytest.approx(10.0)
    assert (found.part.low, found.part.value, found.part.high) == pytest.approx((0.025,) * 3)


def test_what_comes_after_the_first_text_is_not_measured(engine: Typed) -> None:
    assert first_text(engine, CASES[0], fresh=True).time == pytest.approx(400.0)  # type: ignore[arg-type]


def test_an_answer_without_a_text_took_until_its_end(engine: Typed) -> None:
    engine.pieces = False
    assert first_text(engine, CASES[0], fresh=True).time == pytest.approx(5400.0)  # type: ignore[arg-type]


def test_an_engine_that_ends_without_a_result_is_an_error(engine: Typed) -> None:
    engine.result = False
    with pytest.raises(RuntimeError, match="a has no first text"):
        first_text(engine, CASES[0], fresh=False)  # type: ignore[arg-type]


def test_progress_never_goes_back(engine: Typed) -> None:
    heard: list[float] = []
    measure_keystrokes(engine, CASES, 1, lambda _stage, part: heard.append(part))  # type: ignore[arg-type]
    assert heard == sorted(heard) and heard[0] == 0.0 and heard[-1] < 1.0
