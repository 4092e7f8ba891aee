"""The judge of two outputs that part: exact ties, ties of rounding, bugs."""

from types import SimpleNamespace

import pytest
import torch

from ....daemon.doctor.judge import Divergence, judge
from ....models.base import KVCache
from ..engine.toys import ToyModel

PROMPT = [0, 1, 2]


def table(*last: float) -> torch.Tensor:
    """A chain of 4 tokens: 2 is followed as ``last`` says, the others by token 2."""
    rows = torch.zeros(4, 4)
    rows[:, 2] = 9.0
    rows[2] = torch.tensor(last)
    return rows


class Shaky(ToyModel):
    """Logits that depend on how many tokens are computed at once, as rounding makes them."""

    def forward(self, tokens: torch.Tensor, cache: KVCache, keep: int = 1) -> torch.Tensor:
        logits = super().forward(tokens, cache, keep)
        logits[:, 0] += 0.25 * (len(tokens) % 2)
        return logits


class Exact(Shaky):
    """The same, but it claims that widths change nothing."""

    compiled = SimpleNamespace(exact=True)


class Captured(Shaky):
    """The same, with steps that make no such claim."""

    compiled = SimpleNamespace(exact=False)


def judged(model: ToyModel, plain: list[int], other: list[int]) -> Divergence:
    return judge(model, PROMPT, plain, other, 4)


def test_exact_tie_is_a_tie() -> None:
    found = judged(ToyModel(table(5.0, 5.0, 1.0, 1.0)), [2, 0, 2], [2, 1, 2])
    assert (found.at, found.plain, found.other, found.gap, found.kind) == (1, 0, 1, 0.0, "tie")


def test_wide_gap_is_a_bug() -> None:
    found = judged(ToyModel(table(5.0, 4.9, 1.0, 1.0)), [0], [1])
    assert (found.at, found.kind) == (0, "bug")
    assert found.gap == pytest.approx(0.1)
    assert found.behind == pytest.approx(0.1)


def test_gap_within_what_widths_change_is_a_tie() -> None:
    found = judged(Shaky(table(5.0, 5.1, 1.0, 1.0)), [0], [1])
    assert found.noise >= 0.25
    assert found.kind == "tie"


def test_no_such_excuse_where_widths_change_nothing() -> None:
    found = judged(Exact(table(5.0, 5.1, 1.0, 1.0)), [0], [1])
    assert (found.noise, found.kind) == (0.0, "bug")
    assert judged(Captured(table(5.0, 5.1, 1.0, 1.0)), [0], [1]).kind == "tie"


def test_two_tokens_that_are_equal_but_not_on_top_are_a_bug() -> None:
    found = judged(ToyModel(table(5.0, 5.0, 1.0, 9.0)), [0], [1])
    assert (found.gap, found.kind) == (0.0, "bug")
    assert found.behind == pytest.approx(4.0)


def test_the_likeliest_token_against_another_is_a_bug_whoever_wrote_it() -> None:
    assert judged(ToyModel(table(1.0, 5.0, 1.0, 1.0)), [0], [1]).gap == pytest.approx(-4.0)
    assert judged(ToyModel(table(1.0, 5.0, 1.0, 1.0)), [0], [1]).kind == "bug"


def test_broken_logits_are_a_bug() -> None:
    assert judged(ToyModel(table(float("nan"), 5.0, 1.0, 1.0)), [0], [1]).kind == "bug"


def test_low_precision_rounds_more() -> None:
    model = ToyModel(table(16.0, 16.1, 1.0, 1.0))
    assert judged(model, [0], [1]).kind == "bug"
    model.dtype = torch.bfloat16
    assert judged(model, [0], [1]).kind == "tie"


def test_texts_longer_than_the_tail_are_read_too() -> None:
    model = ToyModel(table(5.0, 5.0, 1.0, 1.0), memory=0.0)
    found = judge(model, [2] * 200, [0], [1], 4)
    assert (found.at, found.kind) == (0, "tie")


def test_equal_outputs_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="the same"):
        judged(ToyModel(table(1.0, 2.0, 3.0, 4.0)), [1], [1])
