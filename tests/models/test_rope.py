"""Rotary positions by what they promise: lengths kept, only distances count, scalings as they say."""

from dataclasses import replace
from typing import Any

import pytest
import torch
import transformers
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from ...models.config import Rope, parse_config
from ...models.errors import CheckpointError
from ...models.rope import rotary_table, rotate

CPU = torch.device("cpu")
DIM, LENGTH = 16, 96
LLAMA3 = Rope("llama3", 5e5, 8.0, 1.0, 4.0, 64)
YARN = Rope("yarn", 1e4, 4.0, original_context=64)
SCALED = [Rope("linear", factor=4.0), Rope("dynamic", factor=2.0), LLAMA3, YARN]
positions = st.integers(0, LENGTH - 1)


def table(rope: Rope, length: int = LENGTH, dim: int = DIM, dtype: torch.dtype = torch.float32) -> Tensor:
    """Cosines and signed sines [length, 2 dim]."""
    return rotary_table(rope, dim, length, device=CPU, dtype=dtype)


def turned(x: Tensor, rope: Rope, at: int) -> Tensor:
    """``x`` [DIM] at a position."""
    cosine, sine = torch.split(table(rope)[at], DIM)
    return rotate(x.reshape(1, 1, DIM), cosine.reshape(1, 1, DIM), sine.reshape(1, 1, DIM)).flatten()


def frequencies(rope: Rope) -> Tensor:
    """Radians a position of each pair of dimensions, from the table."""
    first = table(rope)[1]
    return torch.atan2(first[DIM + DIM // 2 :], first[: DIM // 2])


def vector(seed: int) -> Tensor:
    """A random head."""
    return torch.randn(DIM, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("rope", [Rope(), *SCALED], ids=lambda rope: rope.kind)
def test_a_rotation_turns_two_dimensions_by_the_angle_of_the_position(rope: Rope) -> None:
    angles = 7 * frequencies(rope)
    x, half = vector(0), DIM // 2
    expected = torch.polar(torch.full((half,), rope.attention_factor), angles) * torch.complex(
        x[:half], x[half:]
    )
    torch.testing.assert_close(turned(x, rope, 7), torch.cat([expected.real, expected.imag]))


@given(positions, st.integers(0, 99))
def test_lengths_are_kept(at: int, seed: int) -> None:
    x = vector(seed)
    torch.testing.assert_close(turned(x, LLAMA3, at).norm(), x.norm())


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 50))
def test_only_the_distance_of_two_positions_counts(one: int, other: int, shift: int) -> None:
    query, key = vector(1), vector(2)
    here = turned(query, Rope(), one) @ turned(key, Rope(), other)
    there = turned(query, Rope(), one + shift) @ turned(key, Rope(), other + shift)
    torch.testing.assert_close(here, there, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("rope", [Rope(), *SCALED], ids=lambda rope: rope.kind)
def test_the_first_position_is_left_as_it_is_but_for_its_scale(rope: Rope) -> None:
    torch.testing.assert_close(turned(vector(3), rope, 0), vector(3) * rope.attention_factor)


@given(st.integers(1, 64), st.integers(65, 130))
def test_a_longer_table_begins_with_the_shorter_one(short: int, long: int) -> None:
    assert torch.equal(table(YARN, long)[:short], table(YARN, short))


@pytest.mark.parametrize("factor", [2.0, 4.0])
def test_a_linear_scaling_stretches_positions(factor: float) -> None:
    stretched = table(Rope("linear", factor=factor))
    torch.testing.assert_close(stretched[:: int(factor)], table(Rope())[: LENGTH // int(factor)])


def test_a_dynamic_scaling_is_none_within_the_trained_length() -> None:
    assert torch.equal(table(Rope("dynamic", factor=9.0)), table(Rope()))


@pytest.mark.parametrize("rope", [LLAMA3, YARN], ids=lambda rope: rope.kind)
def test_fast_dimensions_are_kept_slow_ones_stretched_and_none_beyond(rope: Rope) -> None:
    scaled, plain = frequencies(rope), frequencies(Rope(theta=rope.theta))
    ratios = plain / scaled
    assert ratios[0] == pytest.approx(1.0) and ratios[-1] == pytest.approx(rope.factor, rel=1e-3)
    assert torch.all(ratios.diff() >= -1e-3)


@pytest.mark.parametrize("rope", [LLAMA3, YARN, Rope("linear")], ids=lambda rope: rope.kind)
def test_a_factor_of_one_changes_nothing(rope: Rope) -> None:
    unscaled = replace(rope, factor=1.0, attention_factor=1.0)
    torch.testing.assert_close(table(unscaled), table(Rope(theta=rope.theta)))


@pytest.mark.parametrize("truncate", [True, False])
@pytest.mark.parametrize(
    "more",
    [
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64},
        {"rope_type": "yarn", "factor": 40.0, "beta_fast": 8.0, "beta_slow": 0.5, "attention_factor": 0.9},
        {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 3},
    ],
    ids=["usual", "other bands", "hardly trained"],
)
def test_yarn_is_that_of_transformers_in_every_variant(more: dict[str, Any], truncate: bool) -> None:
    values = more | {"rope_theta": 1e4, "truncate": truncate}
    config: Any = transformers.LlamaConfig(
        hidden_size=64, num_attention_heads=4, max_position_embeddings=256, rope_parameters=values
    )
    inverse, scale = ROPE_INIT_FUNCTIONS["yarn"](config, CPU)
    angles = torch.outer(torch.arange(LENGTH, dtype=torch.float32), inverse)
    made = table(parse_config(config.to_dict()).rope)
    torch.testing.assert_close(made[:, : DIM // 2], angles.cos() * scale)
    torch.testing.assert_close(made[:, -DIM // 2 :], angles.sin() * scale)


def test_angles_are_exact_far_from_the_beginning_in_low_precision() -> None:
    far = table(Rope(), 5000, dtype=torch.bfloat16)[4999]
    torch.testing.assert_close(far, table(Rope(), 5000)[4999].to(torch.bfloat16), atol=0, rtol=0)


def test_yarn_with_a_base_of_one_is_refused() -> None:
    config = transformers.LlamaConfig().to_dict() | {
        "rope_parameters": {"rope_type": "yarn", "factor": 4.0, "rope_theta": 1.0}
    }
    with pytest.raises(CheckpointError, match=r"rope_theta.*1\.0 is not above 1"):
        parse_config(config)
