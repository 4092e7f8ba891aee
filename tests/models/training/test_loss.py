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
    expected = F.cross_entropy(hidden @ weight.t(), targets)
    wanted = torch.autograd.grad(expected, (hidden, weight))
    got = loss.chunked_cross_entropy(hidden, weight, targets)
    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(torch.autograd.grad(got * 1.0, (hidden, weight)), wanted)


@pytest.mark.parametrize("sharpness", [1.0, 2.5])
def test_divergence_and_its_gradients(sharpness: float) -> None:
    torch.manual_seed(1)
    hidden, weight, teacher, wide = _leaf(19, 4), _leaf(13, 4), torch.randn(19, 9), torch.randn(13, 9)
    aims = torch.log_softmax(teacher @ wide.t() * sharpness, -1)
    scores = torch.log_softmax(hidden @ weight.t(), -1)
    expected = F.kl_div(scores, aims, log_target=True, reduction="batchmean")
    wanted = torch.autograd.grad(expected, (hidden, weight))
    got = loss.chunked_divergence(hidden, weight, teacher, wide, sharpness)
    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(torch.autograd.grad(got * 1.0, (hidden, weight)), wanted)


def test_a_student_equal_to_its_teacher_has_nothing_to_learn() -> None:
    torch.manual_seed(2)
    hidden, weight = _leaf(11, 5), _leaf(7, 5)
    got = loss.chunked_divergence(hidden, weight, hidden.detach(), weight.detach(), 1.0)
    assert abs(got.item()) < 1e-6
    (slope,) = torch.autograd.grad(got, hidden)
    assert float(slope.abs().max()) < 1e-6
