"""Forced acceptance: verdicts are drawn as asked, and ours and transformers' rounds obey the same ones."""

from pathlib import Path
from typing import Any

import pytest
import torch

from ....daemon.bench.forced import Verdicts
from ....daemon.bench.forced_arms import ForcedArm, ForcedHuggingArm, ForcedModels, ForcedPacerArm
from ....daemon.bench.hugging import module_of
from ....daemon.bench.random_pair import random_pair
from ....daemon.bench.records import Case
from ....daemon.bench.shapes import NAMED, Shape, find_shape
from ....daemon.bench.steps import time_steps, tokens_per_pass
from ....daemon.engine.pacer.costs import Costs
from ....daemon.engine.pacer.decision import Pacer
from ....daemon.errors import PacelineError
from ....models.config import parse_config
from ....models.errors import MemoryPlanError

CPU = torch.device("cpu")
TINY: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 90,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10_000.0,
    "tie_word_embeddings": True,
}
SHAPE = Shape("tiny", TINY, TINY | {"num_hidden_layers": 1})
CASE = Case("random", "random", "", "", "", tuple(range(1, 31)))


@pytest.mark.parametrize("acceptance", [0.0, 0.3, 0.8, 1.0])
def test_verdicts_have_the_mean_of_the_model(acceptance: float) -> None:
    verdicts, rounds = Verdicts(acceptance, 1), 4000
    emitted = sum(verdicts.accepted(5) + 1 for _ in range(rounds)) / rounds
    assert emitted == pytest.approx(tokens_per_pass(acceptance, 5), rel=0.05)


def test_verdicts_are_the_same_for_the_same_seed() -> None:
    one, same, other = (Verdicts(0.7, seed) for seed in (3, 3, 4))
    first = [one.accepted(6) for _ in range(50)]
    assert first == [same.accepted(6) for _ in range(50)]
    assert first != [other.accepted(6) for _ in range(50)]


@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("acceptance", [0.0, 0.6, 1.0])
def test_ours_and_transformers_obey_the_same_verdicts(k: int, acceptance: float) -> None:
    target, draft = random_pair(SHAPE, CPU, "f32", 128)
    models = ForcedModels(target, draft, 100)
    ours = ForcedArm("ours", "", models, k, acceptance).run(CASE, 40)
    modules = module_of(target, SHAPE.target), module_of(draft, SHAPE.draft)
    theirs = ForcedHuggingArm("hf", "", *modules, k, acceptance).run(CASE, 40)
    assert (ours.drafted, ours.tested, ours.accepted, ours.passes) == (
        theirs.drafted,
        theirs.tested,
        theirs.accepted,
        theirs.passes,
    )
    assert ours.tested is not None
    assert ours.accepted == {0.0: 0, 1.0: ours.tested}.get(acceptance, ours.accepted)
    models.slot.check()


@pytest.mark.parametrize("acceptance", [0.0, 0.9])
def test_the_pacer_finds_out_what_is_accepted(acceptance: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """With given costs: a draft step takes a tenth of a pass of the target, however wide."""
    target, draft = random_pair(SHAPE, CPU, "f32", 128)
    pacer = Pacer(8, Costs(8))
    for name, ms in (("verified", 10.0), ("drafted", 1.0)):
        for size in range(1, 10):
            for _ in range(8):
                getattr(pacer.costs, name)(size, 60, ms * (size if name == "drafted" else 1))
        monkeypatch.setattr(pacer.costs, name, lambda *_: None)
    monkeypatch.setattr(pacer.gate, "way", lambda *_: "drafts")  # it goes by real times
    arm = ForcedPacerArm("auto", "", ForcedModels(target, draft, 100), acceptance, pacer)
    arm.run(CASE, 60)
    run = arm.run(CASE, 60)
    arm.models.slot.check()
    assert len(run.tokens) == 60
    assert run.drafted is not None
    assert run.tested is not None
    if acceptance < 0.5:
        assert run.drafted < 30
        return
    assert run.drafted > 60
    assert run.passes is not None
    assert run.passes < 30
    arm.acceptance = 0.0
    ruined = [arm.run(CASE, 60) for _ in range(3)][-1]
    assert ruined.drafted is not None
    assert ruined.drafted < 10


def test_plain_runs_have_one_token_a_pass() -> None:
    target, draft = random_pair(SHAPE, CPU, "f32", 128)
    arm = ForcedArm("plain", "", ForcedModels(target, draft, 100), 0, 0.9)
    first, again = arm.run(CASE, 12), arm.run(CASE, 12)
    assert (first.passes, first.drafted) == (12, 0)
    assert first.tokens == again.tokens


def test_steps_are_measured_at_every_width_and_caches_kept() -> None:
    target, draft = random_pair(SHAPE, CPU, "f32", 128)
    heard: list[float] = []
    steps = time_steps(
        target, draft, CASE.tokens, ks=(1, 3), repeats=2, tell=lambda _, part: heard.append(part)
    )
    assert [step.width for step in steps.verify] == [1, 2, 4]
    assert [step.width for step in steps.draft] == [1, 3]
    assert steps.verify[0].ratio == 1.0
    assert steps.predicted(3, 1.0) == pytest.approx(4 / (3 * steps.draft[1].ratio + steps.verify[2].ratio))
    assert heard


def test_random_weights_are_the_same_each_time() -> None:
    one, two = (random_pair(SHAPE, CPU, "f32", 64)[0] for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert torch.isfinite(one.forward(torch.tensor(CASE.tokens), one.new_cache(64))).all()


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("llama-38m", 38),
        ("qwen2.5-coder-1.5b+0.5b", 1544),
        ("qwen2.5-coder-3b+0.5b", 3086),
        ("qwen2.5-coder-7b+0.5b", 7616),
    ],
)
def test_named_shapes_have_their_size(name: str, millions: int) -> None:
    target, draft = (parse_config(config).parameter_count() / 1e6 for config in NAMED[name])
    assert target == pytest.approx(millions, rel=0.01)
    assert draft < target / 3


def test_shapes_are_found_by_name_and_by_file(tmp_path: Path) -> None:
    assert find_shape("mini").target["vocab_size"] == find_shape("mini").draft["vocab_size"]
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text('{"model_type": "llama"}')
    assert find_shape(f"{tmp_path / 'a.json'},{tmp_path / 'b.json'}").target == {"model_type": "llama"}
    with pytest.raises(PacelineError, match="llama-38m, qwen"):
        find_shape("no-such-shape")


def test_a_shape_that_does_not_fit_is_refused() -> None:
    huge = Shape("huge", TINY | {"vocab_size": 1 << 30, "hidden_size": 1 << 14}, TINY)
    with pytest.raises(MemoryPlanError, match=r"huge needs .* GiB on cpu"):
        random_pair(huge, CPU, "f32", 128)
