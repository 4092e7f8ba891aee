"""Losses over a vocabulary that never hold the logits of a whole batch.

The output product, the softmax and their gradients are computed chunk by chunk in the forward pass, so
memory stays at one chunk of logits whatever the batch (the idea of Liger kernels, 2410.10989).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

CHUNK = 2048


class _Hard(torch.autograd.Function):
    """Mean cross-entropy against one token a position, with its gradients made in the forward pass."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        count = hidden.shape[0]
        total = torch.zeros((), device=hidden.device, dtype=torch.float32)
        hidden_grad = []
        weight_grad = torch.zeros(weight.shape, device=weight.device, dtype=torch.float32)
        for start in range(0, count, CHUNK):
            part, wanted = hidden[start : start + CHUNK], targets[start : start + CHUNK].unsqueeze(1)
            logits = (part @ weight.t()).float()
            norm = torch.logsumexp(logits, dim=1, keepdim=True)
            total = total + (norm - logits.gather(1, wanted)).sum()
            slope = torch.exp(logits - norm)
            here = torch.arange(weight.shape[0], device=hidden.device) == wanted
            slope = ((slope - here.float()) / count).to(hidden.dtype)
            hidden_grad.append(slope @ weight)
            weight_grad = weight_grad + (slope.t() @ part).float()
        ctx.save_for_backward(torch.cat(hidden_grad), weight_grad.to(weight.dtype))
        return total / count

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        hidden_grad, weight_grad = ctx.saved_tensors
        return hidden_grad * grads[0], weight_grad * grads[0], None


def chunked_cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats of hidden [n, dim] @ weight[vocab, dim]ᵀ against targets [n]."""
    loss: Tensor = _Hard.apply(hidden, weight, targets)  # type: ignore[no-untyped-call]
    return loss


class _Soft(torch.autograd.Function):
    """Mean KL divergence from a teacher's distribution, with its gradients made in the forward pass."""

    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes by position
        ctx: Any, hidden: Tensor, weight: Tensor, teacher: Tensor, teacher_weight: Tensor, sharpness: float
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
            share = wanted.exp()
            total = total + (share * (wanted - scores)).sum()
            slope = ((scores.exp() - share) / count).to(hidden.dtype)
            hidden_grad.append(slope @ weight)
            weight_grad = weight_grad + (slope.t() @ part).float()
        ctx.save_for_backward(torch.cat(hidden_grad), weight_grad.to(weight.dtype))
        return total / count

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        hidden_grad, weight_grad = ctx.saved_tensors
        return hidden_grad * grads[0], weight_grad * grads[0], None, None, None


def chunked_divergence(
    hidden: Tensor, weight: Tensor, teacher: Tensor, teacher_weight: Tensor, sharpness: float
) -> Tensor:
    """Mean KL(teacher ‖ student) in nats over positions.

    hidden [n, dim] @ weight[vocab, dim]ᵀ are the student's logits, teacher [n, wide] @ teacher_weight[vocab,
    wide]ᵀ the teacher's; the latter are multiplied by `sharpness` (above 1 leans towards their argmax, which
    is what counts for acceptance at temperature 0).
    """
    loss: Tensor = _Soft.apply(  # type: ignore[no-untyped-call]
        hidden, weight, teacher, teacher_weight, sharpness
    )
    return loss
