"""Our logits equal those of transformers, however the tokens arrive."""

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from ...models.base import KVCache, LanguageModel
from ...models.checkpoint import load_model
from .conftest import Written
from .families import FAMILIES, VOCAB

LENGTH = 96
TOLERANCE = 1e-4
names = pytest.mark.parametrize("name", FAMILIES)


def _tokens(seed: int = 0) -> Tensor:
    return torch.randint(0, VOCAB, (LENGTH,), generator=torch.Generator().manual_seed(seed))


def _expected(written: Written, tokens: Tensor) -> Tensor:
    with torch.inference_mode():
        logits: Tensor = written[1](tokens.unsqueeze(0)).logits[0]
    return logits


def _append(model: LanguageModel, cache: KVCache, tokens: Tensor, widths: Sequence[int]) -> Tensor:
    """All logits of ``tokens`` appended in pieces of ``widths``."""
    pieces = torch.split(tokens, list(widths))
    return torch.cat([model.forward(piece, cache, len(piece)) for piece in pieces])


def _gap(found: Tensor, wanted: Tensor) -> float:
    return float((found - wanted).abs().max())


@names
def test_all_ways_to_append_give_the_logits_of_transformers(
    name: str, checkpoint: Callable[[str], Written], loaded: Callable[[str], LanguageModel]
) -> None:
    """In one piece, in uneven chunks, in single steps, several at once, and after rewinding."""
    model, tokens = loaded(name), _tokens()
    wanted = _expected(checkpoint(name), tokens)
    for widths in ([LENGTH], [1, 1, 17, 3, 40, 1, 20, 13], [8] * 12, [30] + [1] * 66):
        cache = model.new_cache(LENGTH)
        assert _gap(_append(model, cache, tokens, widths), wanted) < TOLERANCE, widths
        assert cache.length == LENGTH
        cache.check()
    for length, width in ((50, 5), (17, 1), (0, 33), (33, 9)):
        cache.rewind(length)
        found = model.forward(tokens[length : length + width], cache, width)
        assert _gap(found, wanted[length : length + width]) < TOLERANCE, (length, width)


@names
def test_other_tokens_after_rewinding_leave_no_trace(
    name: str, checkpoint: Callable[[str], Written], loaded: Callable[[str], LanguageModel]
) -> None:
    """A rejected branch does not show in what is written over it."""
    model, first, second = loaded(name), _tokens(1), _tokens(2)
    cache = model.new_cache(128)
    model.forward(first, cache)
    cache.rewind(20)
    mixed = torch.cat([first[:20], second[20:]])
    found = _append(model, cache, mixed[20:], [5, 1, 70])
    assert _gap(found, _expected(checkpoint(name), mixed)[20:]) < TOLERANCE


def test_the_sharded_checkpoint_is_in_shards(checkpoint: Callable[[str], Written]) -> None:
    """Guards the meaning of the parity tests above."""
    path = checkpoint("llama-sharded")[0]
    assert len(list(path.glob("*.safetensors"))) > 2
    assert (path / "model.safetensors.index.json").is_file()


@names
def test_native_where_it_should_be(name: str, loaded: Callable[[str], LanguageModel]) -> None:
    """Every family of the Llama shape runs natively, the others through the fallback."""
    assert loaded(name).native is FAMILIES[name].native


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=["bf16", "f16"])
@pytest.mark.parametrize("name", ["llama-3", "qwen2", "qwen3", "mistral", "smollm", "starcoder2"])
def test_argmax_in_low_precision(
    name: str,
    dtype: torch.dtype,
    checkpoint: Callable[[str], Written],
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    """Agreement with the float32 argmax is reported, and bounded by what transformers itself has, less 5 %.

    Random weights make near ties frequent, so the floor is relative.
    """
    path, module = checkpoint(name)
    model = load_model(path, device=torch.device("cpu"), dtype=dtype)
    tokens = torch.cat([_tokens(seed) for seed in range(3)]).view(3, LENGTH)
    ours, theirs = 0.0, 0.0
    low = type(module)(module.config).to(dtype).eval()
    low.load_state_dict(module.state_dict())
    for row in tokens:
        wanted = _expected((path, module), row).argmax(-1)
        cache = model.new_cache(LENGTH)
        found = _append(model, cache, row, [60, 1, 1, 9, 25])
        ours += float((found.argmax(-1) == wanted).double().mean()) / 3
        theirs += float((_expected((path, low), row).argmax(-1) == wanted).double().mean()) / 3
    agreement = f"ours {ours:.3f}, transformers {theirs:.3f}"
    record_testsuite_property(f"argmax agreement with float32, {name} in {dtype}", agreement)
    assert ours >= max(0.8, theirs - 0.05)


def test_a_prompt_longer_than_a_step_is_cut_up(
    checkpoint: Callable[[str], Written],
    loaded: Callable[[str], LanguageModel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Long prompts go through in chunks, and the kept logits may span them."""
    from ...models import decoder

    monkeypatch.setattr(decoder, "CHUNK", 20)
    model, tokens = loaded("qwen2-windows"), _tokens()
    found = model.forward(tokens, model.new_cache(LENGTH), 50)
    assert _gap(found, _expected(checkpoint("qwen2-windows"), tokens)[-50:]) < TOLERANCE


def test_older_spelling_of_rotary_scaling(checkpoint: Callable[[str], Written], tmp_path: object) -> None:
    """``rope_theta`` with ``rope_scaling`` means what ``rope_parameters`` means."""
    import json

    from ...models.config import parse_config

    config = json.loads((checkpoint("llama-3")[0] / "config.json").read_text())
    new = parse_config(config)
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = rope
    assert parse_config(config) == new
    config["rope_scaling"] = {**rope, "type": rope["rope_type"]}
    config["rope_scaling"].pop("rope_type")
    assert parse_config(config) == new
