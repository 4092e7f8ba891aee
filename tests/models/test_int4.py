"""4-bit weights: how far rounding moves a weight, and products with torch's packed form."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ...models import int4
from ...models.captured.binding import capture_steps
from ...models.checkpoint import load_model
from ...models.decoder import MATRICES, Decoder
from ...models.errors import KernelError, UnsupportedModelError
from ...models.int4 import Int4, pack, require_products
from ...models.kernel.step import CompiledStep
from ...models.pairing import BUNDLED
from ...models.precision import GROUPS, Rounding, group_of
from ...models.quantise import Int8, linear
from ..harness.steps import team
from ..harness.tape import TapeRecorder
from .conftest import Written
from .families import write

CPU = torch.device("cpu")
KINDS: tuple[Rounding | None, ...] = (None, "int4")


def _normal(rows: int, columns: int, seed: int, scale: float = 0.2) -> torch.Tensor:
    return scale * torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


def _identity(weight: Int4, columns: int) -> torch.Tensor:
    """The weight itself, by the products of unit vectors."""
    return weight.product(torch.eye(columns)).t()


@given(
    group=st.sampled_from(GROUPS),
    groups=st.integers(1, 4),
    rows=st.integers(1, 4),
    seed=st.integers(0, 1000),
    scale=st.sampled_from([1e-6, 0.02, 1.0, 300.0]),
)
def test_no_weight_moves_by_more_than_half_a_level(
    group: int, groups: int, rows: int, seed: int, scale: float
) -> None:
    weight = _normal(16 * rows, group * groups, seed, scale)
    split = weight.view(len(weight), groups, group)
    level = (split.amax(-1, keepdim=True) - split.amin(-1, keepdim=True)) / 15
    moved = (_identity(pack(weight, group), group * groups) - weight).abs().view(split.shape)
    assert bool((moved <= 0.51 * level + 1e-6 * scale).all())


def test_a_group_of_equal_weights_is_kept() -> None:
    weight = torch.full((16, 64), 0.125)
    weight[3] = 0.0
    assert torch.allclose(_identity(pack(weight, 64), 64), weight, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_products_are_those_of_the_rounded_weight(dtype: torch.dtype) -> None:
    weight, bias = _normal(96, 128, 1).to(dtype), _normal(1, 96, 2)[0].to(dtype)
    packed = pack(weight, 32)
    assert (packed.numel(), packed.nbytes) == (96 * 128, 96 * 128 // 2 + 96 * 4 * 2 * dtype.itemsize)
    wide = _identity(pack(weight.float(), 32), 128)
    for count in (1, 5, 16):
        x = _normal(count, 128, count, 1.0).to(dtype)
        wanted = x.float() @ wide.t() + bias.float()
        allowed = 64 * torch.finfo(dtype).eps * float(wanted.abs().max())
        assert float((linear(x, packed, bias).float() - wanted).abs().max()) <= allowed


def test_shapes_that_products_do_not_know_take_eight_bits(tmp_path: Path) -> None:
    assert [group_of(*shape) for shape in ((32, 128), (16, 96), (16, 80), (24, 64))] == [64, 32, None, None]
    write(tmp_path, "llama")  # 80 wide in the middle
    model = load_model(tmp_path, device=CPU, dtype=torch.float32, rounded="int4")
    assert isinstance(model, Decoder)
    kinds = {name: {type(getattr(layer, name)) for layer in model.plan} for name in MATRICES}
    assert kinds == {"qkv": {Int4}, "out": {Int4}, "gate_up": {Int4}, "down": {Int8}}
    assert isinstance(model.embedding, torch.Tensor)


@pytest.mark.parametrize("name", ["llama", "llama-biases", "qwen2", "qwen3", "mistral"])
def test_a_model_is_that_of_its_rounded_weights_captured_too(
    name: str, checkpoint: Callable[[str], Written]
) -> None:
    model, wide = (
        load_model(checkpoint(name)[0], device=CPU, dtype=torch.float32, rounded="int4") for _ in range(2)
    )
    assert isinstance(model, Decoder)
    assert isinstance(wide, Decoder)
    for layer in wide.plan:
        for matrix in MATRICES:
            weight = getattr(layer, matrix)
            if isinstance(weight, Int4):
                setattr(layer, matrix, _identity(weight, len(weight.factors) * weight.group))
    tokens = torch.arange(40) % 90
    wanted, found = (each.forward(tokens, each.new_cache(40), 40) for each in (wide, model))
    assert float((wanted - found).abs().max()) < 1e-3
    capture_steps([model], TapeRecorder())
    cache = model.new_cache(40)
    again = torch.cat([model.forward(part, cache, len(part)) for part in torch.split(tokens, 8)])
    assert float((again - found).abs().max()) < 1e-3


def test_the_bundled_pair_still_writes_much_the_same() -> None:
    folder = BUNDLED / "mini" / "target"
    tokens = torch.arange(300) * 37 % 6000 + 20
    wanted, found = (
        model.forward(tokens, model.new_cache(300), 300)
        for model in (load_model(folder, device=CPU, dtype=torch.float32, rounded=kind) for kind in KINDS)
    )
    assert 0.5 < float((wanted.argmax(-1) == found.argmax(-1)).float().mean()) < 1.0


def test_the_compiled_step_refuses_them(checkpoint: Callable[[str], Written]) -> None:
    model = load_model(checkpoint("llama")[0], device=CPU, dtype=torch.float32, rounded="int4")
    assert isinstance(model, Decoder)
    with pytest.raises(KernelError, match="4-bit"):
        CompiledStep(model, team())


@pytest.mark.parametrize("fault", ["missing", "wrong"])
def test_products_that_cannot_be_trusted_are_not_used(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def product(self: Int4, x: torch.Tensor) -> torch.Tensor:
        if fault == "missing":
            raise NotImplementedError("no such operation")
        return torch.zeros(len(x), self.factors.shape[1])

    monkeypatch.setattr(Int4, "product", product)
    require_products.cache_clear()
    with pytest.raises(UnsupportedModelError, match="use int8"):
        pack(_normal(16, 64, 0), 64)
    monkeypatch.undo()
    assert int4.pack(_normal(16, 64, 0), 64).group == 64
