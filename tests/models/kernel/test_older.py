"""The same source built for a processor without AVX-512: what most laptops have."""

import platform
from collections.abc import Callable

import pytest
import torch

from ....models.checkpoint import load_model
from ....models.decoder import Decoder
from ....models.kernel import build as building
from ....models.kernel.library import Library
from ....models.kernel.step import CompiledStep, Team
from ..conftest import Written
from .test_step import CPU, LENGTH, _logits, _tokens

pytestmark = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="built for AVX2")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "_native_flag", lambda: "-march=haswell")
        return Library(building.build(tmp_path_factory.mktemp("older")))


def test_it_is_another_library(library: Library) -> None:
    assert library.lanes == 8
    assert not library.pairs


@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_its_logits_are_those_of_eager_steps(
    library: Library, checkpoint: Callable[[str], Written], dtype: torch.dtype, int8: bool
) -> None:
    path, tokens = checkpoint("qwen3")[0], _tokens()
    eager, compiled = (load_model(path, device=CPU, dtype=dtype) for _ in range(2))
    assert isinstance(eager, Decoder)
    assert isinstance(compiled, Decoder)
    if int8:
        eager.quantise()
        compiled.quantise()
    compiled.compiled = CompiledStep(compiled, Team(library, 2))
    wanted, wide = _logits(eager, tokens, [LENGTH]), _logits(compiled, tokens, [64, 32])
    narrow = _logits(compiled, tokens, [1, 2, 3, 9, 5, 1, 64, 11])
    assert torch.equal(wide, narrow)
    allowed = 1e-4 if dtype == torch.float32 else 0.05 * float(wanted.abs().max())
    assert float((wide - wanted).abs().max()) < allowed
