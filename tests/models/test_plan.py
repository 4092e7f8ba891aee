"""The memory plan equals what is really allocated, and proposes what really fits."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ...models.config import parse_config
from ...models.decoder import Decoder
from ...models.plan import RESERVE, WEIGHT_BYTES, Held, Size, Terms, plan, remedies, size_of, weight_bytes
from ...models.precision import Rounding

CPU = torch.device("cpu")
CONFIG: dict[str, Any] = {
    "model_type": "qwen2",
    "vocab_size": 500,
    "hidden_size": 64,
    "intermediate_size": 160,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
}
BIASED = {**CONFIG, "model_type": "llama", "attention_bias": True, "mlp_bias": True}
PRECISIONS: tuple[Rounding, ...] = ("int8", "int4")
TERMS = Terms(context=512, slots=2, device="cpu", threads=2)


def _size(config: dict[str, Any]) -> Size:
    return size_of(config, 0)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("base", [CONFIG, BIASED], ids=["qwen2", "biases"])
def test_weights_are_those_that_are_allocated(base: dict[str, Any], tied: bool) -> None:
    """In every precision, to the byte."""
    config = {**base, "tie_word_embeddings": tied}
    size = _size(config)
    for name, kind in (("f32", torch.float32), ("bf16", torch.bfloat16)):
        decoder = Decoder(parse_config(config), device=CPU, dtype=kind)
        assert weight_bytes(Held(size, name, kind.itemsize)) == decoder.parameter_bytes
        for precision in PRECISIONS:
            rounded = Decoder(parse_config(config), device=CPU, dtype=kind)
            for weight in rounded.parameters():
                weight.zero_()
            rounded.quantise(precision)
            assert weight_bytes(Held(size, precision, kind.itemsize)) == rounded.parameter_bytes


def test_caches_are_those_that_are_allocated() -> None:
    """All slots of both models, in whole blocks."""
    held = Held(_size(CONFIG), "bf16", 2)
    cache = Decoder(parse_config(CONFIG), device=CPU, dtype=torch.bfloat16).new_cache(500)
    parts = plan(held, held, replace(TERMS, context=500)).parts
    assert parts["target keys and values"] == parts["draft keys and values"] == 2 * cache.nbytes


def test_the_wide_weights_that_integers_are_rounded_from_count() -> None:
    """A model loaded in int8 needs its integers and the widest part of it, embedding and head or a layer."""
    size = _size({**CONFIG, "num_hidden_layers": 200})
    wide, narrow = plan(Held(size, "bf16", 2), None, TERMS), plan(Held(size, "int8", 2), None, TERMS)
    weights = narrow.parts["target weights"]
    assert weights < 0.6 * wide.parts["target weights"]
    ends, layer = 2 * 500 * 64, parse_config(CONFIG).parameter_count() // 3
    assert weights + 2 * layer / 2 < narrow.loading < weights + 2 * (ends + layer)
    assert narrow.needed == max(narrow.loading, sum(narrow.parts.values())) + RESERVE
    first = Held(_size(CONFIG), "int8", 2)
    assert plan(first, Held(size, "int8", 2), TERMS).loading == narrow.loading + weight_bytes(first)


def test_what_a_step_holds_grows_with_threads_and_context() -> None:
    """On a processor; a CUDA device holds captured steps, another one none."""
    held = Held(_size(CONFIG), "bf16", 2)
    few = plan(held, None, TERMS).parts["target step"]
    assert plan(held, None, replace(TERMS, threads=8)).parts["target step"] > few
    assert plan(held, None, replace(TERMS, context=4096)).parts["target step"] > few
    captured, eager = (
        plan(held, None, replace(TERMS, device=device)).parts["target step"] for device in ("cuda", "mps")
    )
    assert eager < min(few, captured)
    widened = plan(Held(held.size, "int8", 2), None, replace(TERMS, device="cuda")).parts["target step"]
    assert widened > captured


def test_keys_and_values_of_other_families_count() -> None:
    """Also under the names that older configurations use, and nested in a larger model's."""
    old = {"model_type": "gpt_bigcode", "n_layer": 4, "n_head": 8, "n_embd": 64, "multi_query": True}
    assert size_of(old, 7) == Size(7, 2 * 4 * 1 * 8, None)
    new = {"model_type": "gemma9", "num_hidden_layers": 4, "num_attention_heads": 8, "hidden_size": 64}
    assert size_of({**new, "num_key_value_heads": 2, "head_dim": 32}, 7).kv == 2 * 4 * 2 * 32
    assert size_of({"model_type": "seen", "text_config": new}, 7).kv == 2 * 4 * 8 * 8
    assert size_of({"model_type": "other"}, 7).kv is None


HELD = st.builds(
    lambda layers, precision: Held(
        _size({**CONFIG, "num_hidden_layers": layers}), precision, 4 if precision == "f32" else 2
    ),
    st.integers(1, 400),
    st.sampled_from(["f32", "bf16", "int8"]),
)


@given(
    target=HELD,
    draft=st.none() | HELD,
    context=st.integers(64, 40_000),
    slots=st.integers(1, 8),
    share=st.floats(0, 1),
)
def test_what_is_proposed_fits(
    target: Held, draft: Held | None, context: int, slots: int, share: float
) -> None:
    """Whatever is free, each remedy needs no more, and less than the plan it mends."""
    terms = Terms(context, slots, "cpu", 2)
    needed = plan(target, draft, terms).needed
    free = int(needed * share) - 1
    for remedy in remedies(target, draft, terms, free):
        assert remedy.needed <= free < needed


def test_the_longest_context_that_fits_is_proposed() -> None:
    """One step more would not."""
    held = Held(_size({**CONFIG, "num_hidden_layers": 100}), "int8", 2)
    terms = Terms(32_768, 1, "cpu", 1)
    free = plan(held, None, replace(terms, context=10_000)).needed
    (remedy,) = remedies(held, None, terms, free)
    assert remedy.words == "a context of 9216 tokens"
    assert plan(held, None, replace(terms, context=10_240)).needed > free


def test_rounding_takes_little_beside() -> None:
    """The plan counts one matrix of integers; float32 copies are made a few rows at a time."""
    from ...models.quantise import AT_ONCE, quantise

    weight = torch.randn(3 * AT_ONCE // 1024 + 5, 1024)
    whole = quantise(weight)
    rows = [quantise(row.unsqueeze(0)) for row in weight[::997]]
    assert torch.equal(whole.values[::997], torch.cat([row.values for row in rows]))
    assert torch.equal(whole.scale[::997], torch.cat([row.scale for row in rows]))


def test_it_is_light(tmp_path: Path) -> None:
    """The plan, the catalog and the machine's facts need no torch."""
    import subprocess
    import sys

    names = ("plan", "machine", "store", "catalog.lookup", "catalog.suggestion")
    code = f"import sys, {', '.join('paceline.models.' + name for name in names)}\n"
    code += "print([m for m in ('torch', 'transformers', 'tokenizers', 'safetensors') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "[]"
    assert set(WEIGHT_BYTES) == {"f32", "bf16", "f16", "int8", "int4"}


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", ["llama-biases", "qwen2", "qwen3"])
def test_a_model_is_rounded_part_by_part(
    name: str, precision: Rounding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the weights of one that is rounded whole, and no layer is allocated before the last is rounded."""
    from ...models import checkpoint
    from ...models.decoder import Layer
    from .families import write

    write(tmp_path / name, name)
    whole = checkpoint.load_model(tmp_path / name, device=CPU, dtype=torch.bfloat16)
    assert isinstance(whole, Decoder)
    whole.quantise(precision)
    steps: list[str] = []
    parts: list[float] = []
    for step in ("to_empty", "quantise"):
        monkeypatch.setattr(Layer, step, _noting(steps, step, getattr(Layer, step)))
    made = checkpoint.load_model(
        tmp_path / name, device=CPU, dtype=torch.bfloat16, rounded=precision, progress=parts.append
    )
    assert isinstance(made, Decoder)
    assert steps == ["to_empty", "quantise"] * len(made.plan)
    assert parts[-1] == pytest.approx(1.0)
    assert made.parameter_bytes == whole.parameter_bytes
    tokens = torch.arange(20)
    assert torch.equal(*(model.forward(tokens, model.new_cache(20), 20) for model in (whole, made)))


def _noting(steps: list[str], name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*arguments: Any, **options: Any) -> Any:
        steps.append(name)
        return real(*arguments, **options)

    return noted
