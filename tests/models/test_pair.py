"""Pairs: found by name or directory, refused before weights are read, loaded with progress."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from ...models import pair as pair_module
from ...models.device import free_bytes, pick_device, pick_dtype
from ...models.errors import (
    CheckpointError,
    MemoryPlanError,
    ModelError,
    PairError,
    UnsupportedModelError,
)
from ...models.pair import load_pair, plan_memory, resolve
from ...models.pairing import PairSpec, check_pair
from ...models.store import Pulled, folder, pin
from .families import QWEN_TOKENS, byte_level

CPU = torch.device("cpu")
SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "max_position_embeddings": 512,
}


def _model(path: Path, vocab: int, layers: int, specials: tuple[str, ...] = QWEN_TOKENS, **more: int) -> Path:
    path.mkdir()
    config = transformers.LlamaConfig(vocab_size=vocab, num_hidden_layers=layers, **{**SIZES, **more})
    transformers.LlamaForCausalLM(config).save_pretrained(path)
    byte_level(specials).save(str(path / "tokenizer.json"))
    return path


@pytest.fixture
def models(tmp_path: Path) -> tuple[Path, Path]:
    """A target and a draft with paddings and contexts of their own."""
    target = _model(tmp_path / "target", 448, 4, hidden_size=64)
    return target, _model(tmp_path / "draft", 416, 1, max_position_embeddings=256)


def test_a_pair_is_checked_and_loaded(models: tuple[Path, Path]) -> None:
    """The common range of the logits is the tokenizer's; the context is the smaller one."""
    stages: list[tuple[str, float]] = []
    spec = resolve(str(models[0]), str(models[1]))
    pair = load_pair(
        spec, device=CPU, target_dtype="f32", draft_dtype="bf16", progress=lambda *s: stages.append(s)
    )
    assert pair.vocab == pair.tokenizer.vocab_size == 407
    assert pair.context == 256
    assert pair.draft is not None
    assert (pair.target.dtype, pair.draft.dtype) == (torch.float32, torch.bfloat16)
    assert pair.fim is not None
    assert pair.fim.name == "qwen"
    assert list(dict.fromkeys(stage for stage, _ in stages)) == ["check", "target", "draft"]
    assert stages[-1][1] == pytest.approx(1.0)


def test_the_report_of_a_pair(models: tuple[Path, Path]) -> None:
    """Size and missing markers are remarks, not errors."""
    report = check_pair(PairSpec("x", *models))
    assert report.ratio == pytest.approx(
        report.draft.parameter_count / report.target.parameter_count if report.draft else 0
    )
    assert "larger than 1/10" in report.remarks[0]
    assert check_pair(PairSpec("x", models[0])).ratio is None


def test_no_fim_tokens_is_a_remark(tmp_path: Path) -> None:
    """Such a model still completes from the prefix."""
    path = _model(tmp_path / "plain", 448, 1, ("<|endoftext|>",))
    report = check_pair(PairSpec("x", path))
    assert report.fim is None
    assert "no fill-in-the-middle tokens" in report.remarks[0]


def test_another_tokenizer_is_refused_by_its_first_token(tmp_path: Path, models: tuple[Path, Path]) -> None:
    """Also where the sizes agree."""
    other = _model(tmp_path / "other", 416, 1, QWEN_TOKENS[::-1])
    with pytest.raises(PairError, match=r"another tokenizer .*token 400.*endoftext"):
        check_pair(PairSpec("x", models[0], other))
    shorter = _model(tmp_path / "shorter", 416, 1, QWEN_TOKENS[:-1])
    with pytest.raises(PairError, match=r"token 406.*file_sep"):
        check_pair(PairSpec("x", models[0], shorter))


def test_a_draft_may_have_tokens_of_its_own(tmp_path: Path, models: tuple[Path, Path]) -> None:
    """As the smaller CodeLlamas have beside the largest; logits are cut to the target's."""
    longer = _model(tmp_path / "longer", 416, 1, (*QWEN_TOKENS, "<more>"))
    assert check_pair(PairSpec("x", models[0], longer)).vocab == 407
    with pytest.raises(PairError, match="<more>"):
        check_pair(PairSpec("x", longer, models[1]))


def test_a_vocabulary_smaller_than_its_tokenizer(tmp_path: Path) -> None:
    """Its last tokens could never be read."""
    with pytest.raises(PairError, match="scores 300 tokens"):
        check_pair(PairSpec("x", _model(tmp_path / "cut", 300, 1)))


def test_what_does_not_fit_says_what_would(
    models: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sum counts weights, the caches of all slots, and what a step holds."""
    report = check_pair(PairSpec("x", *models))
    wide = ("f32", "f32")
    one, four = plan_memory(report, CPU, wide), plan_memory(report, CPU, wide, slots=4)
    assert four - one == 3 * 256 * 2 * 4 * (4 * 64 + 32)
    monkeypatch.setattr(pair_module, "free_bytes", lambda _: one - 1)
    with pytest.raises(MemoryPlanError, match=r"would fit with bf16 weights .* or int8 weights .*no draft"):
        plan_memory(report, CPU, wide)
    monkeypatch.setattr(pair_module, "free_bytes", lambda _: 1000)
    with pytest.raises(MemoryPlanError, match="choose a smaller model"):
        load_pair(report.spec, device=CPU)
    monkeypatch.setattr(pair_module, "free_bytes", lambda _: None)
    assert plan_memory(report, CPU, wide) == one


def test_int8_where_it_cannot_be_is_refused_before_weights_are_read(tmp_path: Path) -> None:
    """What runs through transformers is not rounded; the pair check says it."""
    path = tmp_path / "star"
    config = transformers.Starcoder2Config(
        vocab_size=448, num_hidden_layers=1, num_key_value_heads=2, **SIZES
    )
    transformers.Starcoder2ForCausalLM(config).save_pretrained(path)
    byte_level().save(str(path / "tokenizer.json"))
    with pytest.raises(UnsupportedModelError, match=r"star runs through transformers.*bf16 or f32"):
        plan_memory(check_pair(PairSpec("x", path)), CPU, ("int8", "auto"))
    assert plan_memory(check_pair(PairSpec("x", path)), CPU, ("bf16", "auto")) > 0


def test_pairs_by_file(tmp_path: Path, models: tuple[Path, Path]) -> None:
    """``pair.json`` names the models beside it, the order and the context; a draft given by hand wins."""
    facts = {"name": "two", "target": "target", "draft": "draft", "fim_order": "spm", "context": 128}
    (tmp_path / "pair.json").write_text(json.dumps(facts))
    spec = resolve(str(tmp_path))
    assert spec == PairSpec("two", *models, "spm", 128)
    report = check_pair(spec)
    assert report.fim is not None
    assert (report.fim.order, report.context) == ("spm", 128)
    assert resolve(str(tmp_path), str(models[0]), context=64) == PairSpec(
        "two", models[0], models[0], "spm", 64
    )


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"target": 3},
        {"target": "../../etc"},
        {"target": "t", "draft": 1},
        {"target": "t", "context": "x"},
    ],
)
def test_a_broken_pair_file(tmp_path: Path, facts: dict[str, object]) -> None:
    """It may not lead out of its directory either."""
    (tmp_path / "pair.json").write_text(json.dumps(facts))
    with pytest.raises(CheckpointError, match=r"pair\.json"):
        resolve(str(tmp_path))


def test_unknown_pair(tmp_path: Path) -> None:
    """Neither a name nor a directory; what looks like a name is put right."""
    with pytest.raises(PairError, match="neither a bundled pair"):
        resolve(str(tmp_path / "nothing"))
    with pytest.raises(PairError, match=r"did you mean qwen2\.5-coder-7b"):
        resolve("qwen2.5-codr-7b")


def test_models_that_were_pulled_go_by_name_and_id(tmp_path: Path) -> None:
    """A catalog name takes the draft with it; what is not there says how to get it."""
    for hub_id in ("Qwen/Qwen2.5-Coder-7B", "Qwen/Qwen2.5-Coder-0.5B"):
        _pretend_pulled(tmp_path, hub_id)
    spec = resolve("qwen2.5-coder-7b", store=tmp_path)
    target, draft = (tmp_path / f"Qwen--Qwen2.5-Coder-{size}" / COMMIT for size in ("7B", "0.5B"))
    assert spec == PairSpec("qwen2.5-coder-7b", target, draft)
    assert resolve("qwen/qwen2.5-coder-7b", "none", store=tmp_path).draft is None
    assert resolve("Qwen/Qwen2.5-Coder-7B", "qwen2.5-coder-0.5b", store=tmp_path).draft == draft
    with pytest.raises(PairError, match=r"run `paceline models pull bigcode/starcoder2-7b`"):
        resolve("bigcode/starcoder2-7b", store=tmp_path)
    with pytest.raises(PairError, match=r"run `paceline models pull starcoder2-3b`"):
        resolve("qwen2.5-coder-7b", "starcoder2-3b", store=tmp_path)
    with pytest.raises(PairError, match=r"paceline models pull"):
        resolve("qwen2.5-coder-7b")


COMMIT = "0" * 40


def _pretend_pulled(store: Path, hub_id: str) -> None:
    found = Pulled(hub_id, "main", COMMIT, 0)
    (folder(store, hub_id) / COMMIT).mkdir(parents=True)
    pin(store, found)


def test_checking_needs_no_torch() -> None:
    """So that a command can refuse a wrong model directory at once."""
    code = "import sys, paceline.models.pairing; print('torch' in sys.modules, 'transformers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_native_models_load_without_transformers(models: tuple[Path, Path]) -> None:
    """Its import alone takes seconds."""
    code = (
        "import sys, pathlib, torch; from paceline.models.checkpoint import load_model\n"
        "load_model(pathlib.Path(sys.argv[1]), device=torch.device('cpu'), dtype=torch.float32)\n"
        "print('transformers' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(models[1])]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_devices_and_types() -> None:
    """Names are taken as they are, unknown ones refused with what may be given."""
    assert pick_device("cpu") == CPU
    assert pick_device() in {torch.device(name) for name in ("cuda", "mps", "cpu")}
    for wrong in ("nonesuch", "cuda:99"):
        with pytest.raises(ModelError, match="not available here"):
            pick_device(wrong)
    assert pick_dtype("f16", CPU) == torch.float16
    assert pick_dtype("int8", CPU) == pick_dtype("auto", CPU)
    assert pick_dtype("auto", CPU) in (torch.bfloat16, torch.float32)
    with pytest.raises(ModelError, match="auto, f32, bf16, f16, int8 or int4"):
        pick_dtype("int3", CPU)
    free = free_bytes(CPU)
    assert free is None or free > 0


def test_a_pair_loads_from_any_working_directory(
    models: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative paths are taken from where the command runs."""
    monkeypatch.chdir(models[0].parent)
    assert load_pair(resolve("target"), device=CPU, target_dtype="f32").draft is None
