"""Rewinding and its limits."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ...models.base import LanguageModel
from ...models.errors import ContextFullError
from .families import VOCAB

CAPACITY = 80
Edits = list[tuple[int, int]]
shared = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("name", ["llama", "mistral", "starcoder2"])
@shared
@given(
    edits=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=6),
    seed=st.integers(0, 99),
)
def test_any_edits_equal_a_fresh_cache(
    name: str, loaded: Callable[[str], LanguageModel], edits: Edits, seed: int
) -> None:
    """Random sequences of (rewind by, append) end in the logits a fresh cache gives."""
    model, draw = loaded(name), torch.Generator().manual_seed(seed)
    cache, held = model.new_cache(CAPACITY), torch.empty(0, dtype=torch.int64)
    for back, count in edits:
        held = held[: max(0, len(held) - back)]
        cache.rewind(len(held))
        tokens = torch.randint(0, VOCAB, (min(count, CAPACITY - len(held)),), generator=draw)
        if not len(tokens):
            continue
        held = torch.cat([held, tokens])
        found = model.forward(tokens, cache, len(tokens))
        cache.check()
        assert cache.length == len(held)
        fresh = model.forward(held, model.new_cache(CAPACITY), len(tokens))
        assert float((found - fresh).abs().max()) < 1e-4


@pytest.mark.parametrize("name", ["llama", "starcoder2"])
def test_limits(name: str, loaded: Callable[[str], LanguageModel]) -> None:
    """A full cache refuses and stays as it was; nonsense raises ValueError."""
    model = loaded(name)
    cache = model.new_cache(10)
    model.forward(torch.arange(8), cache)
    with pytest.raises(ContextFullError, match="context of 10 tokens"):
        model.forward(torch.arange(3), cache)
    assert cache.length == 8
    assert cache.capacity == 10
    assert cache.nbytes > 0
    for length in (-1, 9):
        with pytest.raises(ValueError, match="rewind"):
            cache.rewind(length)
    for keep in (0, 3):
        with pytest.raises(ValueError, match="keep"):
            model.forward(torch.arange(2), cache, keep)
    for capacity in (0, 10_000):
        with pytest.raises(ValueError, match="capacity"):
            model.new_cache(capacity)


def test_rewinding_copies_nothing(loaded: Callable[[str], LanguageModel]) -> None:
    """The native cache keeps its buffer; only its length moves."""
    from ...models.kv import DecoderCache

    model = loaded("llama")
    cache = model.new_cache(32)
    assert isinstance(cache, DecoderCache)
    place = cache.buffer.data_ptr()
    model.forward(torch.arange(30), cache)
    cache.rewind(3)
    model.forward(torch.arange(12), cache)
    assert cache.buffer.data_ptr() == place
    assert cache.nbytes == 2 * 3 * 2 * 64 * 16 * 4


def test_a_cache_of_another_model_is_refused(loaded: Callable[[str], LanguageModel]) -> None:
    """Native and fallback caches do not mix."""
    native, other = loaded("llama"), loaded("starcoder2")
    with pytest.raises(TypeError, match="another model"):
        native.forward(torch.arange(2), other.new_cache(8))
    with pytest.raises(TypeError, match="another model"):
        other.forward(torch.arange(2), native.new_cache(8))


def test_check_sees_a_broken_value(loaded: Callable[[str], LanguageModel]) -> None:
    """``check`` looks at the blocks in use and not beyond them."""
    from ...models.kv import DecoderCache

    cache = loaded("llama").new_cache(128)
    assert isinstance(cache, DecoderCache)
    loaded("llama").forward(torch.arange(4), cache)
    cache.buffer[0, 0, 70] = float("nan")
    cache.check()
    cache.buffer[0, 0, 3] = float("nan")
    with pytest.raises(RuntimeError, match="not finite"):
        cache.check()


@pytest.mark.parametrize("name", ["llama", "llama-biases", "qwen2", "qwen3", "smollm", "starcoder2"])
def test_counts_are_those_of_the_module(
    name: str,
    loaded: Callable[[str], LanguageModel],
    checkpoint: Callable[[str], tuple[object, torch.nn.Module]],
) -> None:
    """Weights are counted once, tied or not."""
    model = loaded(name)
    count = sum(weight.numel() for weight in checkpoint(name)[1].parameters())
    assert model.parameter_count == count
    assert model.parameter_bytes == 4 * count
    assert model.vocab_size == VOCAB
