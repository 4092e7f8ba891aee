"""The compiled step computes what transformers does, and one token's result never depends on its company."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ....models.base import LanguageModel
from ....models.checkpoint import load_model
from ....models.decoder import Decoder
from ....models.errors import ContextFullError, KernelError
from ....models.kernel import step
from ....models.kernel.step import CompiledStep
from ...harness.steps import team
from ..conftest import Written
from ..families import FAMILIES, VOCAB

LENGTH = 96
CPU = torch.device("cpu")
NATIVE = [name for name, family in FAMILIES.items() if family.native and name != "narrow-heads"]
names = pytest.mark.parametrize("name", NATIVE)
types = pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)


def _tokens(seed: int = 0, length: int = LENGTH) -> Tensor:
    return torch.randint(0, VOCAB, (length,), generator=torch.Generator().manual_seed(seed))


def _compiled(
    path: Path, dtype: torch.dtype = torch.float32, *, threads: int = 1, int8: bool = False
) -> Decoder:
    model = load_model(path, device=CPU, dtype=dtype)
    assert isinstance(model, Decoder)
    if int8:
        model.quantise()
    model.compiled = CompiledStep(model, team(threads))
    return model


def _logits(model: LanguageModel, tokens: Tensor, widths: list[int]) -> Tensor:
    cache = model.new_cache(len(tokens))
    return torch.cat([model.forward(part, cache, len(part)) for part in torch.split(tokens, widths)])


@names
def test_logits_are_those_of_transformers(name: str, checkpoint: Callable[[str], Written]) -> None:
    path, module = checkpoint(name)
    tokens = _tokens()
    with torch.inference_mode():
        wanted = module(tokens.unsqueeze(0)).logits[0]
    model = _compiled(path)
    for widths in ([1] * LENGTH, [16] * 6, [1, 5, 16, 2, 9, 63], [LENGTH]):
        assert float((_logits(model, tokens, widths) - wanted).abs().max()) < 1e-4, widths


@names
def test_rewinding_leaves_no_trace(name: str, checkpoint: Callable[[str], Written]) -> None:
    model, first, second = _compiled(checkpoint(name)[0]), _tokens(1), _tokens(2)
    cache = model.new_cache(LENGTH)
    for part in torch.split(first, 16):
        model.forward(part, cache, 16)
    cache.rewind(20)
    found = model.forward(second[20:30], cache, 10)
    mixed = torch.cat([first[:20], second[20:30]])
    assert torch.equal(found, _logits(model, mixed, [20, 10])[20:])


@types
@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_token_does_not_depend_on_its_company_in_one_bit(
    checkpoint: Callable[[str], Written], dtype: torch.dtype, int8: bool, threads: int
) -> None:
    path, tokens = checkpoint("qwen2")[0], _tokens()
    alone = _logits(_compiled(path, dtype, int8=int8), tokens, [1] * LENGTH)
    model = _compiled(path, dtype, threads=threads, int8=int8)
    for width in (2, 3, 5, 9, 16):
        widths = [width] * (LENGTH // width) + [LENGTH % width] * (LENGTH % width > 0)
        assert torch.equal(_logits(model, tokens, widths), alone), width


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_narrow_types_are_close_to_eager_steps(
    checkpoint: Callable[[str], Written], dtype: torch.dtype
) -> None:
    path, tokens = checkpoint("llama-biases")[0], _tokens()
    eager = load_model(path, device=CPU, dtype=dtype)
    wanted, found = (_logits(model, tokens, [LENGTH // 8] * 8) for model in (eager, _compiled(path, dtype)))
    assert float((found - wanted).abs().max()) < 0.05 * float(wanted.abs().max())


@names
def test_int8_rounds_weights_and_hardly_more(name: str, checkpoint: Callable[[str], Written]) -> None:
    path, tokens = checkpoint(name)[0], _tokens()
    eager = load_model(path, device=CPU, dtype=torch.float32)
    exact = _logits(eager, tokens, [LENGTH])
    assert isinstance(eager, Decoder)
    whole = eager.parameter_bytes
    eager.quantise()
    rounded = _logits(eager, tokens, [LENGTH])
    assert eager.parameter_bytes < 0.4 * whole
    compiled = _logits(_compiled(path, int8=True), tokens, [8] * 12)
    by_weights = float((rounded - exact).abs().max())
    assert float((compiled - rounded).abs().max()) < max(1e-4, 0.01 * by_weights)
    assert 0 < float((rounded - exact).abs().mean()) < 0.15 * float(exact.abs().mean())


def test_choices_are_the_likeliest_of_the_first_ids(checkpoint: Callable[[str], Written]) -> None:
    model, tokens = _compiled(checkpoint("llama")[0]), _tokens()
    limit = VOCAB - 7
    logits = _logits(model, tokens, [LENGTH])[:, :limit]
    cache = model.new_cache(LENGTH)
    found = model.choose(tokens.tolist(), cache, LENGTH, limit)
    assert [choice.token for choice in found] == logits.argmax(-1).tolist()
    wanted = logits.log_softmax(-1).amax(-1)
    gaps = wanted - torch.tensor([choice.log_probability for choice in found])
    assert float(gaps.abs().max()) < 1e-4
    for width in (1, 4, 16):
        cache.rewind(30)
        again = model.choose(tokens[30 : 30 + width].tolist(), cache, width, limit)
        assert [choice.token for choice in again] == [choice.token for choice in found[30 : 30 + width]]


@pytest.mark.parametrize("keep", [1, 3, 9, 40, 64])
def test_choices_across_pieces_are_all_there(checkpoint: Callable[[str], Written], keep: int) -> None:
    model, tokens = _compiled(checkpoint("llama")[0]), _tokens(length=200)
    cache = model.new_cache(200)
    for length in (63, 64, 65, 66, 70, 100, 128, 130, 200):
        if keep <= length:
            logits = _logits(model, tokens[:length], [length])[-keep:]
            cache.rewind(0)
            found = model.choose(tokens[:length].tolist(), cache, keep, VOCAB)
            assert [choice.token for choice in found] == logits.argmax(-1).tolist(), length


def test_a_draft_is_the_sequence_of_its_choices(checkpoint: Callable[[str], Written]) -> None:
    path, tokens = checkpoint("qwen3")[0], _tokens().tolist()
    eager, model = load_model(path, device=CPU, dtype=torch.float32), _compiled(path)
    for start, pending, count in ((0, 50, 5), (50, 1, 9), (60, 3, 1)):
        drafts = []
        for each in (eager, model):
            cache = each.new_cache(LENGTH)
            if start:
                each.choose(tokens[:start], cache, 1, VOCAB)
            drafts.append(each.draft(tokens[start : start + pending], cache, count, VOCAB))
            assert cache.length == start + pending + count - 1
        assert [choice.token for choice in drafts[0]] == [choice.token for choice in drafts[1]]
    sure = model.draft(tokens[:5], model.new_cache(LENGTH), 9, VOCAB, least=0.999)
    assert len(sure) == 1


def test_a_full_cache_is_refused_and_unchanged(checkpoint: Callable[[str], Written]) -> None:
    model = _compiled(checkpoint("llama")[0])
    cache = model.new_cache(16)
    model.choose([1] * 14, cache, 1, VOCAB)
    with pytest.raises(ContextFullError):
        model.choose([1, 2, 3], cache, 3, VOCAB)
    with pytest.raises(ContextFullError):
        model.draft([1], cache, 4, VOCAB)
    assert cache.length == 14


def test_long_contexts_in_narrow_pieces_change_nothing(
    checkpoint: Callable[[str], Written], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokens = _compiled(checkpoint("mistral")[0]), _tokens()
    wanted = _logits(model, tokens, [LENGTH])
    monkeypatch.setattr(step, "SCRATCH_BYTES", 20_000)
    assert torch.equal(_logits(model, tokens, [LENGTH]), wanted)


def test_a_cache_larger_than_it_was_bound_for_is_refused(checkpoint: Callable[[str], Written]) -> None:
    model = load_model(checkpoint("llama")[0], device=CPU, dtype=torch.float32)
    assert isinstance(model, Decoder)
    model.compiled = CompiledStep(model, team(), context=64)
    assert len(model.choose([1, 2], model.new_cache(64), 1, VOCAB)) == 1
    with pytest.raises(ValueError, match="64 tokens"):
        model.choose([1], model.new_cache(65), 1, VOCAB)


def test_a_shape_it_does_not_know_is_named(checkpoint: Callable[[str], Written]) -> None:
    model = load_model(checkpoint("narrow-heads")[0], device=CPU, dtype=torch.float32)
    assert isinstance(model, Decoder)
    with pytest.raises(KernelError, match="head_dim 6"):
        CompiledStep(model, team())
