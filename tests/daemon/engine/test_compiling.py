"""Compiled steps come in while requests are served, and nobody notices but by the time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ....daemon.engine import compiling
from ....daemon.engine.engine import Engine, EngineOptions
from ....daemon.engine.records import Completion, Piece, Result
from ....models.errors import KernelError
from ...harness.steps import library
from .pairs import ROOT

MINUTES = 5


def _engine() -> Engine:
    return Engine.load(EngineOptions(device="cpu", target_dtype="f32", draft_dtype="f32", threads=1))


def _request() -> Completion:
    text = (ROOT / "daemon/errors.py").read_text()
    at = text.index("class", len(text) // 2) + 6
    return Completion(
        "daemon/errors.py", text[:at], text[at:], max_tokens=24, multiline=True, drafter="lookup"
    )


def _never() -> bool:
    return False


def _result(events: Iterator[Piece | Result]) -> Result:
    *_, last = events
    assert isinstance(last, Result)
    return last


def test_steps_are_swapped_in_within_a_completion(tmp_path: Path) -> None:
    library()  # skips where there is no compiler
    wanted = _result(_engine().complete(_request(), _never))
    engine = _engine()
    events = engine.complete(_request(), _never)
    next(events)
    engine.compile(tmp_path / "steps")
    assert engine.wait_compiled(60 * MINUTES)
    found = _result(events)
    assert (found.text, found.finish) == (wanted.text, wanted.finish)
    assert str(engine.facts()["step"]).startswith("compiled")
    again = _result(engine.complete(_request(), _never))
    assert again.text == wanted.text
    assert again.reused > 0
    assert wanted.confidence is not None and found.confidence is not None
    assert wanted.confidence[1] <= wanted.confidence[0] < 0
    assert found.confidence == pytest.approx(wanted.confidence, abs=1e-3)


def test_a_machine_without_a_compiler_is_served_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise KernelError("No C++ compiler is here; install one.")

    monkeypatch.setattr(compiling, "bind_steps", refuse)
    engine = _engine()
    engine.compile(None)
    assert not engine.wait_compiled(60)
    assert engine.facts()["step"] == "uncompiled: No C++ compiler is here; install one."
    assert _result(engine.complete(_request(), _never)).passes > 0


def test_a_model_whose_steps_stay_uncompiled_is_named() -> None:
    library()
    options = EngineOptions(device="cpu", target_dtype="int4", draft_dtype="bf16", threads=1)
    engine = Engine.load(options)
    engine.compile(None)
    assert engine.wait_compiled(60 * MINUTES)
    assert engine.facts()["step"] == "compiled, 1 thread, but not the target"
    assert _result(engine.complete(_request(), _never)).passes > 0
