"""An engine that counts its requests and says when drafts should be measured."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from .... import __version__
from ....daemon.engine.records import Completion, Piece, Result
from ....daemon.evaluation.verdict import DUE_REQUESTS, save
from ....daemon.evaluation.watch import KEEP_EVERY, WatchedEngine, answered, fit_of
from ....daemon.worker import empty_result
from ....models.fingerprint import fingerprint
from ....models.pairing import PairSpec
from .test_verdict import VERDICT

ASKED = Completion(path="app.py", prefix="x = ")


class Scripted:
    """An engine that answers nothing; ``step`` is how its steps are."""

    step = "compiled, 2 threads"

    def complete(self, request: Completion, cancelled: object) -> Iterator[Piece | Result]:
        yield Piece("1")
        yield empty_result("line")

    def warm(self, request: Completion, cancelled: object) -> None:
        """Nothing."""

    def idle(self, stopped: object) -> bool:
        return True

    def facts(self) -> dict[str, object]:
        return {"pair": "p", "device": "cpu", "step": self.step, "target": {"dtype": "bfloat16"}}

    def close(self) -> None:
        """Nothing."""


@pytest.fixture
def spec(tmp_path: Path) -> PairSpec:
    """A pair whose weights are a few bytes."""
    for role in ("target", "draft"):
        (tmp_path / role).mkdir()
        (tmp_path / role / "model.safetensors").write_text(role)
    return PairSpec("pair", tmp_path / "target", tmp_path / "draft")


def ask(engine: WatchedEngine, times: int) -> None:
    """Ask and take the answer so often."""
    for _ in range(times):
        assert len(list(engine.complete(ASKED, lambda: False))) == 2


def test_requests_are_counted_over_restarts(spec: PairSpec, tmp_path: Path) -> None:
    state, fit = tmp_path / "state", fit_of(spec.target, "cpu", "bfloat16", "compiled")
    for _ in range(2):
        engine = WatchedEngine(Scripted(), spec, state)
        assert engine.facts()["evaluation"] is None
        ask(engine, KEEP_EVERY + 1)
        engine.close()
    assert answered(state, fit) == 2 * KEEP_EVERY + 2


def test_many_requests_ask_for_a_verdict_and_a_verdict_ends_it(spec: PairSpec, tmp_path: Path) -> None:
    fit = fit_of(spec.target, "cpu", "bfloat16", "compiled")
    (tmp_path / f"requests-{fit.digest}").write_text(str(DUE_REQUESTS))
    engine = WatchedEngine(Scripted(), spec, tmp_path)
    assert "2000 requests were answered" in str(engine.facts()["evaluation"])
    verdict = replace(VERDICT, fit=fit, requests=DUE_REQUESTS, paceline=__version__)
    assert spec.draft is not None
    save(tmp_path, replace(verdict, drafts=(fingerprint(spec.draft),)))
    os.utime(tmp_path, ns=(1, 1))  # whatever the clock of the file system counts in
    assert engine.facts()["evaluation"] is None
    save(tmp_path, verdict)
    os.utime(tmp_path, ns=(2, 2))
    assert "the draft took no part" in str(engine.facts()["evaluation"])


def test_nothing_is_said_while_steps_are_compiled(spec: PairSpec, tmp_path: Path) -> None:
    inner = Scripted()
    inner.step = "compiling; steps run uncompiled until then"
    save(tmp_path, VERDICT)
    engine = WatchedEngine(inner, spec, tmp_path)
    assert engine.facts()["evaluation"] is None
    inner.step = "uncompiled: no compiler was found"
    assert "another pair" in str(engine.facts()["evaluation"])


def test_a_count_that_is_no_number_is_none(spec: PairSpec, tmp_path: Path) -> None:
    fit = fit_of(spec.target, "cpu", "bfloat16", "compiled")
    for content in ("", "many", "-5"):
        (tmp_path / f"requests-{fit.digest}").write_text(content)
        assert answered(tmp_path, fit) == 0
