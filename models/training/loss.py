"""Losses over a vocabulary that never hold the logits of a whole batch, as weighted means over positions.

The output product, the softmax and their gradients are computed chunk by chunk in the forward pass, so
memory stays at one chunk of logits whatever the batch (the idea of Liger kernels, 2410.10989).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

CHUNK = 2048


@dataclass(frozen=True)
class Emphasis:
    """How much more the tokens of a middle and its end token weigh; the special tokens are given by id."""

    middle: int
    file: int
    end: int
    factor: float

    def weights(self, rows: Tensor) -> Tensor:
        """Weights [batch, length] of the tokens to predict in rows [batch, length + 1], with sum 1.

        In both orders a middle follows its special token directly and closes with the end token.
        """
        given = rows[:, :-1]
        place = torch.arange(1, given.shape[1] + 1, device=rows.device).expand_as(given)
        opened = torch.where(given == self.middle, place, 0).cummax(dim=1).values
        closed = torch.where((given == self.file) | (given == self.end), place, 0).cummax(dim=1).values
        weights = torch.where(opened > closed, self.factor, 1.0)
        return weights / weights.sum()


def equal_weights(rows: Tensor) -> Tensor:
    """The same weight for every token to predict in rows [batch, length + 1], with sum 1."""
    given = rows[:, :-1]
    return torch.full(given.shape, 1.0 / given.numel(), device=rows.device)


class _Hard(torch.autograd.Function):
    """Cross-entropy against one token a position, with its gradients made in the forward pass."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, shares: Tensor) -> Tensor:
        count = hidden.shape[0]
        total = torch.zeros((), device=hidden.device, dtype=torch.float32)
        hidden_grad = []
        weight_grad = torch.zeros(weight.shape, device=weight.device, dtype=torch.float32)
        for start in range(0, count, CHUNK):
            part, wanted = hidden[start : start + CHUNK], targets[start : start + CHUNK].unsqueeze(1)
            share = shares[start : start + CHUNK].unsqueeze(1)
            logits = (part @ weight.t()).float()
            norm = torch.logsumexp(logits, dim=1, keepdim=True)
            total = total + ((norm - logits.gather(1, wanted)) * share).sum()
            slope = torch.exp(logits - norm)
            here = torch.arange(weight.shape[0], device=hidden.device) == wanted
            slope = ((slope - here.float()) * share).to(hidden.dtype)
            hidden_grad.append(slope @ weight)
            weight_grad = weight_grad + (slope.t() @ part).float()
        ctx.save_for_backward(torch.cat(hidden_grad), weight_grad.to(weight.dtype))
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None]:
        hidden_grad, weight_grad = ctx.saved_tensors
        return hidden_grad * grads[0], weight_grad * grads[0], None, None


def chunked_cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor, shares: Tensor) -> Tensor:
    """Cross-entropy in nats of hidden [n, dim] @ weight[vocab, dim]ᵀ against targets [n].

    The positions are summed with `shares` [n]; where those add up to 1, the result is their weighted mean.
    """
    loss: Tensor = _Hard.apply(hidden, weight, targets, shares)  # type: ignore[no-untyped-call]
    return loss


class _Soft(torch.autograd.Function):
    """KL divergence from a teacher's distribution, with its gradients made in the forward pass."""

    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        teacher: Tensor,
        teacher_weight: Tensor,
        shares: Tensor,
        sharpness: float,
    ) -> Tensor:
        count = hidden.shape[0]
        total = torch.zeros((), device=hidden.device, dtype=torch.float32)
        hidden_grad = []
        weight_grad = torch.zeros(weight.shape, device=weight.device, dtype=torch.float32)
        for start in range(0, count, CHUNK):
            part = hidden[start : start + CHUNK]
            wanted = (teacher[start : start + CHUNK] @ teacher_weight.t()).float() * sharpness
            wanted = torch.log_softmax(wanted, dim=1)
            scores = torch.log_softmax((part @ weight.t()).float(), dim=1)
            likely, share = wanted.exp(), shares[start : start + CHUNK].unsqueeze(1)
            total = total + (likely * (wanted - scores) * share).sum()
            slope = ((scores.exp() - likely) * share).to(hidden.dtype)
            hidden_grad.append(slope @ weight)
            weight_grad = weight_grad + (slope.t() @ part).float()
        ctx.save_for_backward(torch.cat(hidden_grad), weight_grad.to(weight.dtype))
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None, None, None]:
        hidden_grad, weight_grad = ctx.saved_tensors
        return hidden_grad * grads[0], weight_grad * grads[0], None, None, None, None


def chunked_divergence(
    hidden: Tensor,
    weight: Tensor,
    teacher: Tensor,
    teacher_weight: Tensor,
    *,
    shares: Tensor,
    sharpness: float,
) -> Tensor:
    """KL(teacher ‖ student) in nats, summed over positions with `shares` [n] (a mean where they add up to 1).

    hidden [n, dim] @ weight[vocab, dim]ᵀ are the student's logits, teacher [n, wide] @ teacher_weight[vocab,
    wide]ᵀ the teacher's; the latter are multiplied by `sharpness` (above 1 leans towards their argmax, which
    is what counts for acceptance at temperature 0).
    """
    loss: Tensor = _Soft.apply(  # type: ignore[no-untyped-call]
        hidden, weight, teacher, teacher_weight, shares, sharpness
    )
    return loss
