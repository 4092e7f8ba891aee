"""The chunked losses against the plain formulas."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from ....models.training import loss


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss, "CHUNK", 8)


def _leaf(*size: int) -> torch.Tensor:
    return torch.randn(*size, requires_grad=True)


def test_cross_entropy_and_its_gradients() -> None:
    torch.manual_seed(0)
    hidden, weight, targets = _leaf(21, 6), _leaf(17, 6), torch.randint(0, 17, (21,))
    shares = torch.softmax(torch.randn(21), 0)
    expected = (F.cross_entropy(hidden @ weight.t(), targets, reduction="none") * shares).sum()
    wanted = torch.autograd.grad(expected, (hidden, weight))
    got = loss.chunked_cross_entropy(hidden, weight, targets, shares)
    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(torch.autograd.grad(got * 1.0, (hidden, weight)), wanted)


@pytest.mark.parametrize("sharpness", [1.0, 2.5])
def test_divergence_and_its_gradients(sharpness: float) -> None:
    torch.manual_seed(1)
    hidden, weight, teacher, wide = _leaf(19, 4), _leaf(13, 4), torch.randn(19, 9), torch.randn(13, 9)
    aims = torch.log_softmax(teacher @ wide.t() * sharpness, -1)
    scores = torch.log_softmax(hidden @ weight.t(), -1)
    shares = torch.softmax(torch.randn(19), 0)
    expected = (F.kl_div(scores, aims, log_target=True, reduction="none").sum(1) * shares).sum()
    wanted = torch.autograd.grad(expected, (hidden, weight))
    got = loss.chunked_divergence(hidden, weight, teacher, wide, shares=shares, sharpness=sharpness)
    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(torch.autograd.grad(got * 1.0, (hidden, weight)), wanted)


def test_equal_weights_are_the_plain_mean() -> None:
    torch.manual_seed(3)
    hidden, weight, rows = _leaf(20, 6), _leaf(17, 6), torch.randint(7, 17, (2, 11))
    targets = rows[:, 1:].flatten()
    expected = F.cross_entropy(hidden @ weight.t(), targets)
    for shares in (loss.equal_weights(rows), loss.Emphasis(3, 6, 0, 4.0).weights(rows)):
        got = loss.chunked_cross_entropy(hidden, weight, targets, shares.flatten())
        torch.testing.assert_close(got, expected)


def test_a_middle_and_its_end_weigh_more_in_both_orders() -> None:
    end, prefix, suffix, middle, file = 0, 1, 2, 3, 6
    psm = [file, 9, prefix, 7, suffix, 8, middle, 11, 12, end]
    spm = [file, 9, suffix, 8, prefix, 7, middle, 13, end]
    rows = torch.tensor([[*psm, *spm, file, 9, 10, 10], [21, 22, end, *psm, *spm, file]])
    weights = loss.Emphasis(middle, file, end, 4.0).weights(rows)
    assert float(weights.sum()) == pytest.approx(1.0)
    heavy = [row[1:][mark].tolist() for row, mark in zip(rows, weights > weights.min() * 2, strict=True)]
    assert heavy == [[11, 12, end, 13, end]] * 2
    torch.testing.assert_close(weights.max() / weights.min(), torch.tensor(4.0))


def test_an_answer_cut_before_its_end_does_not_reach_the_next_file() -> None:
    rows = torch.tensor([[6, 1, 7, 2, 8, 3, 11, 12, 6, 9, 9, 9]])
    weights = loss.Emphasis(3, 6, 0, 2.0).weights(rows)[0]
    heavy = rows[0, 1:][weights > weights.min() * 1.5].tolist()
    assert heavy == [11, 12, 6]


def test_a_student_equal_to_its_teacher_has_nothing_to_learn() -> None:
    torch.manual_seed(2)
    hidden, weight = _leaf(11, 5), _leaf(7, 5)
    shares = torch.full((11,), 1 / 11)
    got = loss.chunked_divergence(
        hidden, weight, hidden.detach(), weight.detach(), shares=shares, sharpness=1.0
    )
    assert abs(got.item()) < 1e-6
    (slope,) = torch.autograd.grad(got, hidden)
    assert float(slope.abs().max()) < 1e-6
