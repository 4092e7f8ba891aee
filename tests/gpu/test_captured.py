"""Captured steps on a real device: what they compute, what speculation makes of it, and what they hold."""

import gc
from pathlib import Path

import pytest
import torch

from ...models.captured.binding import capture_steps
from ...models.captured.step import CapturedStep
from ...models.checkpoint import load_model
from ...models.decoder import Decoder
from ...models.precision import Rounding
from ..models.families import FAMILIES, VOCAB, write

LENGTH = 96
NATIVE = [name for name, family in FAMILIES.items() if family.native]
TOLERANCES = {torch.float32: 1e-3, torch.bfloat16: 0.3, torch.float16: 0.05}


def _captured(path: Path, device: torch.device, dtype: torch.dtype = torch.float32) -> Decoder:
    model = load_model(path, device=device, dtype=dtype)
    assert isinstance(model, Decoder)
    capture_steps([model])
    return model


def _logits(model: Decoder, tokens: torch.Tensor, widths: list[int]) -> torch.Tensor:
    cache = model.new_cache(len(tokens))
    return torch.cat([model.forward(part, cache, len(part)) for part in torch.split(tokens, widths)])


@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize("dtype", TOLERANCES, ids=str)
def test_logits_are_those_of_transformers(
    name: str, dtype: torch.dtype, device: torch.device, tmp_path: Path
) -> None:
    module = write(tmp_path, name).to(device)
    tokens = torch.randint(0, VOCAB, (LENGTH,), generator=torch.Generator().manual_seed(0)).to(device)
    with torch.inference_mode():
        wanted = module(tokens.unsqueeze(0)).logits[0]
    model = _captured(tmp_path, device, dtype)
    for widths in ([1] * LENGTH, [16] * 6, [1, 5, 16, 2, 9, 63], [7, 4, 30, 10, 3, 12, 6, 8, 11, 5]):
        assert float((_logits(model, tokens, widths) - wanted).abs().max()) < TOLERANCES[dtype], widths


@pytest.mark.parametrize("precision", ["int8", "int4"])
def test_rounded_weights_are_near_those_of_the_processor(
    precision: Rounding, device: torch.device, tmp_path: Path
) -> None:
    write(tmp_path, "llama", hidden_size=128, intermediate_size=256)
    tokens = torch.arange(40) % VOCAB
    found = []
    for place in (device, torch.device("cpu")):
        model = load_model(tmp_path, device=place, dtype=torch.bfloat16, rounded=precision)
        assert isinstance(model, Decoder)
        if place == device:
            capture_steps([model])
        found.append(_logits(model, tokens.to(place), [8] * 5).cpu())
    assert float((found[0] - found[1]).abs().mean()) < 0.05 * float(found[1].abs().mean())


def test_drafts_are_those_of_the_eager_step(device: torch.device, tmp_path: Path) -> None:
    write(tmp_path, "llama")
    model = _captured(tmp_path, device)
    captured = model.compiled
    found = []
    for step in (captured, None):
        model.compiled = step
        cache = model.new_cache(LENGTH)
        model.choose(list(range(20)), cache, 1, VOCAB)
        drafts = [model.draft([3], cache, 8, VOCAB), model.draft([4, 5], cache, 4, VOCAB, least=0.02)]
        found.append([[choice.token for choice in draft] for draft in drafts])
    assert found[0] == found[1]


def test_graphs_and_caches_are_given_back(device: torch.device, tmp_path: Path) -> None:
    write(tmp_path, "llama")
    model = _captured(tmp_path, device)
    assert isinstance(model.compiled, CapturedStep)
    held = []
    for _ in range(3):
        for _ in range(4):
            cache = model.new_cache(256)
            for width in (1, 2, 5, 9):
                model.choose([1] * width, cache, 1, VOCAB)
        del cache
        gc.collect()
        torch.cuda.synchronize(device)
        held.append(torch.cuda.memory_allocated(device))
        assert model.compiled.count == 0
    assert held[2] <= held[1]
