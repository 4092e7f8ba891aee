"""transformers as a peer: the same weights in the same memory, counted as ours are."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ....daemon.bench.hugging import HuggingArm, Notes, constant_drafts, generate, module_of
from ....daemon.bench.records import Case
from ....models.checkpoint import load_model
from ....models.decoder import Decoder
from ....models.directory import open_directory
from ...models.families import VOCAB, write

CPU = torch.device("cpu")
PROMPT = tuple((5 * index + 3) % VOCAB for index in range(20))


def loaded(folder: Path, family: str) -> tuple[Decoder, Any]:
    """A small random model of that family: ours, and transformers' module on its weights."""
    write(folder, family)
    model = load_model(folder, device=CPU, dtype=torch.float32)
    assert isinstance(model, Decoder)
    return model, module_of(model, open_directory(folder).config)


@pytest.mark.parametrize("family", ["llama", "llama-3", "smollm", "qwen2", "qwen3", "mistral-full"])
def test_module_shares_the_weights_and_says_the_same(tmp_path: Path, family: str) -> None:
    model, module = loaded(tmp_path, family)
    ours = {weight.data_ptr() for weight in model.parameters()}
    embedding: Tensor = module.get_input_embeddings().weight
    assert embedding.data_ptr() in ours
    assert not any(weight.is_meta for weight in [*module.parameters(), *module.buffers()])
    with torch.inference_mode():
        expected = module(torch.tensor([PROMPT])).logits[0]
    found = model.forward(torch.tensor(PROMPT), model.new_cache(64), keep=len(PROMPT))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_a_model_of_transformers_own_is_taken_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, "starcoder2")
    model = load_model(tmp_path, device=CPU, dtype=torch.float32)
    assert module_of(model, {}) is model.module  # type: ignore[attr-defined]


def test_runs_have_their_length_and_plain_ones_no_drafts(tmp_path: Path) -> None:
    _, module = loaded(tmp_path, "llama")
    run = generate(module, None, torch.tensor([PROMPT]), 9, {})
    assert len(run.tokens) == run.passes == 9
    assert (run.drafted, run.tested, run.accepted, run.at_first) == (0, 0, 0, 1)
    assert 0 < run.first < run.total


def test_assisted_runs_write_the_same_and_are_counted(tmp_path: Path) -> None:
    _, target = loaded(tmp_path / "target", "llama")
    _, draft = loaded(tmp_path / "draft", "llama-3")
    case = Case("x", "line", "", "", "", PROMPT)
    plain = HuggingArm("hf", "", lambda: (target, draft)).run(case, 12)
    fixed = {
        "num_assistant_tokens": 3,
        "num_assistant_tokens_schedule": "constant",
        "assistant_confidence_threshold": 0.0,
    }
    arm = HuggingArm("hf-a", "", lambda: (target, draft), assistant=fixed)
    run = arm.run(case, 12)
    assert run.tokens == plain.tokens
    assert run.passes is not None
    assert run.tested is not None
    assert run.drafted <= 3 * run.passes
    assert run.accepted + run.passes == 12
    assert run.accepted <= run.tested <= run.drafted
    lookup = HuggingArm("hf-l", "", lambda: (target, draft), {"prompt_lookup_num_tokens": 10}).run(case, 12)
    assert lookup.tokens == plain.tokens


def test_a_draft_that_is_the_target_is_always_accepted(tmp_path: Path) -> None:
    _, target = loaded(tmp_path, "llama")
    _, same = loaded(tmp_path / "again", "llama")
    same.generation_config = constant_drafts(4)
    run = generate(target, same, torch.tensor([PROMPT]), 15, {})
    assert run.accepted == run.tested == 12
    assert run.passes == 3


def test_notes_count_to_the_first_rejection() -> None:
    times = iter(range(10))
    notes = Notes(lambda: next(times))
    notes.put(torch.zeros(1, 20))
    for width, emitted in ((24, 3), (5, 5), (5, 1)):
        notes.hook(None, None, {"input_ids": torch.zeros(1, width)})
        notes.put(torch.zeros(1, emitted))
    assert notes.counts(20) == (12, 3 + 4 + 1, 2 + 4 + 0)
    assert notes.arrivals == [(0, 3), (1, 5), (2, 1)]
