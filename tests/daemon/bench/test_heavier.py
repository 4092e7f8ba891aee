"""More layers, the same logits to the bit, from our decoder and from transformers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ....daemon.bench.heavier import LayersError, make_heavier
from ....daemon.bench.hugging import module_of
from ....models.directory import open_directory
from ....models.errors import UnsupportedModelError
from ....models.pairing import BUNDLED, resolve
from ..engine.pairs import make_random_pair, open_pair

TOKENS = torch.tensor([6, 17, 300, 41, 5])


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("layers", [2, 5])
def test_added_layers_change_no_bit(tmp_path: Path, layers: int, compiled: bool) -> None:
    plain = make_random_pair(tmp_path / "plain")
    place = make_heavier(resolve(str(plain)), layers, tmp_path)
    light, heavy = open_pair(plain, compiled=compiled), open_pair(place, compiled=compiled)
    logits = [pair.target.forward(TOKENS, pair.target.new_cache(16), 3) for pair in (light, heavy)]
    assert torch.equal(*logits)
    assert len(heavy.target.plan) == layers  # type: ignore[attr-defined]
    assert heavy.draft is None
    assert (heavy.fim, heavy.context) == (light.fim, light.context)


def test_transformers_reads_them_too(tmp_path: Path) -> None:
    plain = make_random_pair(tmp_path / "plain")
    heavy = open_pair(make_heavier(resolve(str(plain)), 4, tmp_path)).target
    config = json.loads((tmp_path / "pair/target/config.json").read_text())
    theirs = module_of(heavy, config)(TOKENS[None]).logits[0]
    ours = heavy.forward(TOKENS, heavy.new_cache(16), len(TOKENS))
    assert torch.allclose(theirs, ours, atol=1e-4)


def test_the_bundled_pair_keeps_its_order_context_and_prior(tmp_path: Path) -> None:
    spec = resolve("mini")
    place = make_heavier(spec, 9, tmp_path)
    found = resolve(str(place), str(spec.draft))
    assert found == replace(spec, name="mini of 9 layers", target=place / "target")
    assert (place / "pacer.json").read_bytes() == (BUNDLED / "mini/pacer.json").read_bytes()
    assert open_directory(found.target).config["num_hidden_layers"] == 9


def test_fewer_layers_and_other_architectures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LayersError, match="has 4 layers: give --layers as many or more"):
        make_heavier(resolve("mini"), 3, tmp_path)
    plain = make_random_pair(tmp_path / "plain")
    path = plain / "target/config.json"
    config = json.loads(path.read_text())
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "config.json").write_text(json.dumps(config | {"model_type": "gpt2"}))
    weights = (plain / "target/model.safetensors").read_bytes()
    (odd / "model.safetensors").write_bytes(
        weights.replace(b"self_attn.o_proj", b"self_attn.o_pray").replace(b"mlp.down_proj", b"mlp.down_pray")
    )
    with pytest.raises(UnsupportedModelError, match="not Llama's"):
        make_heavier(resolve(str(odd)), 5, tmp_path)
