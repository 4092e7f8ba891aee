"""Where tensors of a checkpoint go: every weight has one place, under the name transformers gives it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from ...models.config import parse_config
from ...models.decoder import Decoder
from ...models.naming import end_places, ignorable, layer_places, places
from .conftest import Written
from .families import FAMILIES

NATIVE = [name for name, family in FAMILIES.items() if family.native]
BARE: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 11,
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
}


def decoder(**options: Any) -> Decoder:
    """A decoder whose weights are not set."""
    return Decoder(parse_config(BARE | options), device=torch.device("cpu"), dtype=torch.float32)


@pytest.mark.parametrize("name", NATIVE)
def test_names_and_shapes_are_those_that_transformers_writes(
    name: str, checkpoint: Callable[[str], Written]
) -> None:
    module = checkpoint(name)[1]
    made = Decoder(parse_config(module.config.to_dict()), device=torch.device("cpu"), dtype=torch.float32)
    theirs = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    ours = {name: place.shape for name, place in places(made).items()}
    assert ours == {name: shape for name, shape in theirs.items() if name in ours}
    assert all(ignorable(name, made.config.tied) for name in theirs.keys() - ours.keys())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tie_word_embeddings": True},
        {"attention_bias": True, "mlp_bias": True},
        {"model_type": "qwen2"},
        {"model_type": "qwen3", "head_dim": 6},
    ],
    ids=["plain", "tied", "biases", "qwen2", "qwen3"],
)
def test_every_number_of_a_decoder_is_filled_by_exactly_one_tensor(options: dict[str, Any]) -> None:
    made = decoder(**options)
    for weight in made.parameters():
        weight.data.zero_()
    for place in places(made).values():
        place.view.add_(1.0)
    assert {float(value) for weight in made.parameters() for value in weight.flatten()} == {1.0}


def test_query_key_and_value_are_rows_of_one_matrix_in_that_order() -> None:
    found = layer_places(decoder(), 1)
    shapes = [found[f"model.layers.1.self_attn.{part}_proj.weight"].shape for part in "qkv"]
    assert shapes == [(8, 8), (4, 8), (4, 8)]
    first, *others = (found[f"model.layers.1.self_attn.{part}_proj.weight"].view for part in "qkv")
    assert [other.data_ptr() - first.data_ptr() for other in others] == [8 * 8 * 4, 12 * 8 * 4]


def test_the_scales_of_heads_are_one_tensor_for_all_heads_of_a_kind() -> None:
    found = layer_places(decoder(model_type="qwen3", head_dim=6), 0)
    for part, heads in (("q", 4), ("k", 2)):
        place = found[f"model.layers.0.self_attn.{part}_norm.weight"]
        assert place.shape == (6,)
        place.view.copy_(torch.arange(6.0))
        assert torch.equal(place.view.reshape(heads, 6), torch.arange(6.0).expand(heads, 6))


def test_parts_are_all_places_and_share_none() -> None:
    made = decoder()
    parts = [end_places(made), *(layer_places(made, index) for index in range(2))]
    assert sum(map(len, parts)) == len(places(made))
    assert {name for part in parts for name in part} == places(made).keys()


@pytest.mark.parametrize(
    ("name", "tied", "may"),
    [
        ("lm_head.weight", True, True),
        ("lm_head.weight", False, False),
        ("model.layers.3.self_attn.rotary_emb.inv_freq", False, True),
        ("model.layers.3.self_attn.q_proj.weight", True, False),
        ("other.lm_head.weight", True, False),
    ],
)
def test_only_what_nothing_reads_may_be_left_over(name: str, tied: bool, may: bool) -> None:
    assert ignorable(name, tied) is may
