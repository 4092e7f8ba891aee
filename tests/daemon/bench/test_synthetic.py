"""A shape measured from beginning to end: what it is given, how much is written, what is predicted."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ....daemon.bench import schedule, synthetic
from ....daemon.bench.forced_arms import ForcedPacerArm
from ....daemon.bench.records import Case, Run
from ....daemon.bench.synthetic import SEEN, WRITTEN, SyntheticPlan, SyntheticReport, measure_shape
from ....daemon.engine import compiling
from ....models.errors import KernelError, ModelError
from .test_forced import TINY


def no_compiler(*_: Any) -> int:
    """As where there is none."""
    raise KernelError("there is no compiler")


@pytest.fixture
def shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two small shapes in files, on a machine without a compiler, and steps that are timed once."""
    monkeypatch.setattr(synthetic, "STEP_REPEATS", 1)
    monkeypatch.setattr(synthetic, "copy_bandwidth", lambda _device: 1e9)
    monkeypatch.setattr(schedule, "SETTLE", 0.0)
    monkeypatch.setattr(compiling, "bind_steps", no_compiler)
    for name, layers in (("target", 2), ("draft", 1)):
        (tmp_path / f"{name}.json").write_text(json.dumps(TINY | {"num_hidden_layers": layers}))
    return f"{tmp_path / 'target.json'},{tmp_path / 'draft.json'}"


def measure(shape: str, **changes: Any) -> SyntheticReport:
    """What is found on one thread of the processor."""
    before = torch.get_num_threads()
    small = SyntheticPlan(shape, "cpu", "f32", 0.8, (2,), (3,), prompt=9, prompts=2, repeats=1, threads=1)
    plan = replace(small, **changes)
    try:
        return measure_shape(plan, lambda _stage, _part: None)
    finally:
        torch.set_num_threads(before)


def test_rows_are_those_of_the_lengths_and_both_libraries(shape: str) -> None:
    found = measure(shape, lengths=(2, 5), ks=(1, 3))
    assert [section.tokens for section in found.lengths] == [2, 5]
    names = [row.name for row in found.lengths[0].rows]
    assert names == ["plain", "k1", "k3", "auto", "hf", "hf-k1", "hf-k3"]
    assert found.lengths[0].predicted.keys() == {"k1", "k3"}
    assert (found.prompt_tokens, found.lengths[0].rows[0].prompts) == (9, 2)
    assert found.step == "uncompiled: there is no compiler"


def test_the_pacer_wrote_whole_answers_before_it_is_measured(
    shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    run = ForcedPacerArm.run

    def noted(self: ForcedPacerArm, case: Case, count: int) -> Run:
        found = run(self, case, count)
        written.append(len(found.tokens))
        return found

    monkeypatch.setattr(ForcedPacerArm, "run", noted)
    measure(shape, lengths=(1,), ks=(1,))
    assert written[:SEEN] == [WRITTEN] * SEEN
    assert set(written[SEEN:]) == {1}


@pytest.mark.parametrize("acceptance", [0.0, 1.0])
def test_sure_acceptance_and_none_are_obeyed_and_predicted(shape: str, acceptance: float) -> None:
    found = measure(shape, acceptance=acceptance, lengths=(7,))
    (section,) = found.lengths
    forced = next(row for row in section.rows if row.name == "k2")
    assert forced.acceptance == acceptance
    assert section.predicted["k2"] == pytest.approx(found.steps.predicted(2, acceptance))


def test_prompts_are_the_same_for_the_same_seed_and_within_both_vocabularies() -> None:
    plan = SyntheticPlan("x", prompt=40, prompts=3, seed=5)
    first, again = (synthetic._cases(plan, 11) for _ in range(2))
    assert first == again != synthetic._cases(SyntheticPlan("x", prompt=40, prompts=3, seed=6), 11)
    assert {len(case.tokens) for case in first} == {40}
    assert max(token for case in first for token in case.tokens) < 10


@pytest.mark.parametrize("device", ["cuda:77", "toaster"])
def test_a_device_that_is_not_here_is_refused_before_anything_is_made(shape: str, device: str) -> None:
    with pytest.raises(ModelError, match="is not available here"):
        measure(shape, device=device)
