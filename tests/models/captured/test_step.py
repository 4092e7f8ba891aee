"""A captured step computes what the eager one does, from a recording that only tensors can change."""

import gc
import weakref
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ....models.base import LanguageModel
from ....models.captured.binding import capture_steps
from ....models.captured.step import CapturedStep, span_of
from ....models.checkpoint import load_model
from ....models.decoder import Decoder
from ....models.errors import ContextFullError, KernelError
from ....models.kv import DecoderCache
from ...harness.tape import TapeRecorder
from ..conftest import Written
from ..families import FAMILIES, VOCAB

LENGTH = 96
CPU = torch.device("cpu")
NATIVE = [name for name, family in FAMILIES.items() if family.native]
UNEVEN = [7, 4, 30, 10, 3, 12, 6, 8, 11, 5]
names = pytest.mark.parametrize("name", NATIVE)


def _tokens(seed: int = 0, length: int = LENGTH) -> Tensor:
    return torch.randint(0, VOCAB, (length,), generator=torch.Generator().manual_seed(seed))


def _captured(written: Written, dtype: torch.dtype = torch.float32, *, int8: bool = False) -> Decoder:
    model = load_model(written[0], device=CPU, dtype=dtype)
    assert isinstance(model, Decoder)
    if int8:
        model.quantise()
    capture_steps([model], TapeRecorder())
    return model


def _step(model: Decoder) -> CapturedStep:
    assert isinstance(model.compiled, CapturedStep)
    return model.compiled


def _logits(model: LanguageModel, tokens: Tensor, widths: list[int], room: int = LENGTH) -> Tensor:
    cache = model.new_cache(room)
    return torch.cat([model.forward(part, cache, len(part)) for part in torch.split(tokens, widths)])


@names
def test_logits_are_those_of_transformers(name: str, checkpoint: Callable[[str], Written]) -> None:
    written = checkpoint(name)
    tokens = _tokens()
    with torch.inference_mode():
        wanted = written[1](tokens.unsqueeze(0)).logits[0]
    model = _captured(written)
    for widths in (
        [1] * LENGTH,
        [16] * 6,
        [1, 5, 16, 2, 9, 63],
        [7, 4, 30, 10, 3, 12, 6, 8, 11, 5],
        [LENGTH],
    ):
        assert float((_logits(model, tokens, widths) - wanted).abs().max()) < 1e-4, widths


@pytest.mark.parametrize(("dtype", "int8"), [(torch.float32, True), (torch.bfloat16, False)], ids=str)
def test_other_precisions_are_near_the_eager_step(
    dtype: torch.dtype, int8: bool, checkpoint: Callable[[str], Written]
) -> None:
    model, tokens = _captured(checkpoint("llama"), dtype, int8=int8), _tokens()
    found = _logits(model, tokens, [5] * 18 + [6])
    model.compiled = None
    wanted = _logits(model, tokens, [LENGTH])
    assert float((found - wanted).abs().max()) < 0.05 * float(wanted.abs().max())


@names
def test_choices_and_drafts_are_those_of_the_eager_step(
    name: str, checkpoint: Callable[[str], Written]
) -> None:
    model, tokens = _captured(checkpoint(name)), _tokens().tolist()
    captured = model.compiled
    results = []
    for step in (captured, None):
        model.compiled = step
        cache = model.new_cache(LENGTH)
        model.forward(torch.tensor(tokens[:20]), cache)
        found = [model.choose(tokens[20:21], cache, 1, VOCAB - 3)]
        found += [model.choose(tokens[21:26], cache, 3, VOCAB - 3)]
        found += [model.draft(tokens[26:28], cache, 6, VOCAB)]
        cache.rewind(24)
        found += [model.draft(tokens[24:25], cache, 8, VOCAB, least=0.02), model.choose([3], cache, 1, VOCAB)]
        results.append((found, cache.length))
    (ours, length), (wanted, expected) = results
    assert length == expected
    for mine, theirs in zip(ours, wanted, strict=True):
        assert [each.token for each in mine] == [each.token for each in theirs]
        assert [each.log_probability for each in mine] == pytest.approx(
            [each.log_probability for each in theirs], abs=1e-4
        )


def test_rewinding_and_filling_up_leave_no_trace(checkpoint: Callable[[str], Written]) -> None:
    model, first, second = _captured(checkpoint("mistral")), _tokens(1), _tokens(2)
    cache = model.new_cache(LENGTH)
    model.forward(first, cache)
    cache.rewind(30)
    for part in torch.split(second[30:86], 7):  # a step of 9, filled up
        model.forward(part, cache)
    assert isinstance(cache, DecoderCache)
    cache.check()
    clean = model.new_cache(LENGTH)
    for part in torch.split(torch.cat((first[:30], second[30:86])), 1):
        model.forward(part, clean)
    one, other = (model.forward(torch.tensor([5]), each) for each in (cache, clean))
    assert float((one - other).abs().max()) < 1e-4


def test_a_cache_is_used_to_its_last_token(checkpoint: Callable[[str], Written]) -> None:
    model, tokens = _captured(checkpoint("llama")), _tokens(3, 40)
    found = _logits(model, tokens, [7] * 5 + [4, 1], room=40)
    model.compiled = None
    assert float((found - _logits(model, tokens, [40], room=40)).abs().max()) < 1e-4
    capture_steps([model], TapeRecorder())
    cache = model.new_cache(40)
    model.forward(tokens[:35], cache)
    assert len(model.draft([1], cache, 5, VOCAB)) == 5
    with pytest.raises(ContextFullError):
        model.draft([1], cache, 2, VOCAB)
    assert cache.length == 40


def test_what_is_captured_is_used_again_and_goes_with_its_cache(
    checkpoint: Callable[[str], Written],
) -> None:
    model = _captured(checkpoint("llama"))
    step = _step(model)
    gc.collect()
    assert step.count == 0, "the trial's caches are gone"
    cache = model.new_cache(LENGTH)
    for _ in range(3):
        cache.rewind(0)
        for width in (1, 2, 3, 4, 5, 6, 1):
            model.choose([1] * width, cache, 1, VOCAB)
    assert step.count == 5, "widths 1, 2, 3, 5 and 9"
    model.choose([1] * 17, cache, 1, VOCAB)
    assert step.count == 5, "too wide"


class Bare(TapeRecorder):
    """Holds on to nothing, as a graph does, which knows addresses only."""

    def record(self, body: Callable[[], None]) -> Callable[[], object]:
        """Run it and forget it."""
        body()
        return lambda: None


def test_what_a_graph_reads_lives_as_long_as_the_graph(checkpoint: Callable[[str], Written]) -> None:
    model = load_model(checkpoint("llama")[0], device=CPU, dtype=torch.float32)
    assert isinstance(model, Decoder)
    model.compiled = CapturedStep(model, Bare())
    cache = model.new_cache(32)
    model.choose([1], cache, 1, VOCAB)
    read = weakref.ref(model.tables)
    model.new_cache(LENGTH)  # longer tables
    gc.collect()
    assert read() is not None
    del cache
    gc.collect()
    assert read() is None


def test_spans_double_up_to_the_room() -> None:
    assert [span_of(end, 1920) for end in (1, 256, 257, 513, 1025, 1920)] == [256, 256, 512, 1024, 1920, 1920]
    assert span_of(10, 64) == 64


class Forgetful(TapeRecorder):
    """Plays something else back."""

    def record(self, body: Callable[[], None]) -> Callable[[], object]:
        """Record and lose it."""
        super().record(body)
        return lambda: None


class Broken(TapeRecorder):
    """Cannot record."""

    def record(self, body: Callable[[], None]) -> Callable[[], object]:
        """Fail as a driver does."""
        raise RuntimeError("CUDA error: operation not permitted when stream is capturing\nmore")


@pytest.mark.parametrize(
    ("recorder", "reason"), [(Forgetful(), "something else"), (Broken(), "not permitted")]
)
def test_what_cannot_be_trusted_is_not_used(
    recorder: TapeRecorder, reason: str, checkpoint: Callable[[str], Written]
) -> None:
    model = load_model(checkpoint("llama")[0], device=CPU, dtype=torch.float32)
    assert isinstance(model, Decoder)
    with pytest.raises(KernelError, match=reason):
        capture_steps([model], recorder)
    assert model.compiled is None
