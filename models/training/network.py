"""The decoder that is trained: a Llama shape with fused products and a chunked loss.

Parameter names and layouts are those of transformers' `LlamaForCausalLM` with tied embeddings, so an
export is a plain copy. Masters are float32; every product runs in the compute type (bfloat16 as a rule)
on a copy that is cast inside the step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from .loss import Emphasis, chunked_cross_entropy, equal_weights

BLOCK = 128


@dataclass(frozen=True)
class Shape:
    """Sizes of a decoder; `kv_heads` divides `heads`, `head_dim` is even."""

    vocab: int
    dim: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    hidden: int
    context: int = 2048
    theta: float = 10000.0
    eps: float = 1e-5


class Attention(nn.Module):
    """Grouped-query self-attention weights, without biases."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        kv = shape.kv_heads * shape.head_dim
        self.q_proj = nn.Linear(shape.dim, shape.heads * shape.head_dim, bias=False)
        self.k_proj = nn.Linear(shape.dim, kv, bias=False)
        self.v_proj = nn.Linear(shape.dim, kv, bias=False)
        self.o_proj = nn.Linear(shape.heads * shape.head_dim, shape.dim, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Causal attention over x [batch, length, dim] with rotary tables [length, head_dim]."""
        s = self.shape
        weight = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight]).to(x.dtype)
        fused = F.linear(x, weight).view(x.shape[0], x.shape[1], s.heads + 2 * s.kv_heads, s.head_dim)
        q, k, v = torch.split(fused.transpose(1, 2), [s.heads, s.kv_heads, s.kv_heads], dim=1)
        attend = blockwise if x.device.type == "cpu" else fused_kernel
        out = attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        return F.linear(out.transpose(1, 2).flatten(2), self.o_proj.weight.to(x.dtype))


class FeedForward(nn.Module):
    """SwiGLU block (Shazeer 2002.05202)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.dim, shape.hidden, bias=False)
        self.up_proj = nn.Linear(shape.dim, shape.hidden, bias=False)
        self.down_proj = nn.Linear(shape.hidden, shape.dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map x [..., dim] to the same shape."""
        weight = torch.cat([self.gate_proj.weight, self.up_proj.weight]).to(x.dtype)
        gate, up = F.linear(x, weight).chunk(2, dim=-1)
        return F.linear(F.silu(gate) * up, self.down_proj.weight.to(x.dtype))


class Norm(nn.Module):
    """Root-mean-square norm, computed in float32 (Zhang and Sennrich 1910.07467)."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis of x; the result has the type of x."""
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)
        return (wide * self.weight).to(x.dtype)


class Block(nn.Module):
    """One pre-norm decoder layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(shape)
        self.mlp = FeedForward(shape)
        self.input_layernorm = Norm(shape.dim, shape.eps)
        self.post_attention_layernorm = Norm(shape.dim, shape.eps)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Apply the layer to x [batch, length, dim]."""
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class Decoder(nn.Module):
    """The trunk: everything but the output product, which the loss fuses."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocab, shape.dim)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.dim, shape.eps)
        self._initialise()

    def _initialise(self) -> None:
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2:
                continue
            scale = 0.02 if "embed" in name else parameter.shape[1] ** -0.5
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                scale /= (2 * self.shape.layers) ** 0.5
            nn.init.normal_(parameter, std=scale)

    def forward(self, tokens: Tensor, dtype: torch.dtype = torch.bfloat16) -> Tensor:
        """Hidden states [batch, length, dim] in `dtype` for tokens [batch, length]."""
        cos, sin = rotary(self.shape, tokens.shape[1], tokens.device, dtype)
        x = F.embedding(tokens, self.embed_tokens.weight).to(dtype)
        for layer in self.layers:
            x = layer(x, cos, sin)
        out: Tensor = self.norm(x)
        return out

    def loss(
        self, tokens: Tensor, dtype: torch.dtype = torch.bfloat16, emphasis: Emphasis | None = None
    ) -> Tensor:
        """Next-token cross-entropy in nats over tokens [batch, length + 1], as `emphasis` weighs them."""
        hidden = self(tokens[:, :-1], dtype).flatten(0, 1)
        shares = (emphasis.weights if emphasis else equal_weights)(tokens).flatten()
        targets = tokens[:, 1:].reshape(-1)
        return chunked_cross_entropy(hidden, self.embed_tokens.weight.to(dtype), targets, shares)

    def logits(self, tokens: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """Logits [batch, length, vocab] in `dtype` for tokens [batch, length]."""
        return F.linear(self(tokens, dtype), self.embed_tokens.weight.to(dtype))

    def size(self) -> int:
        """Number of parameters; the tied embedding counts once."""
        return sum(parameter.numel() for parameter in self.parameters())


def rotary(shape: Shape, length: int, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosine and sine tables [length, head_dim] of rotary positions (Su et al. 2104.09864)."""
    exponent = torch.arange(0, shape.head_dim, 2, device=device, dtype=torch.float32) / shape.head_dim
    positions = torch.arange(length, device=device, dtype=torch.float32)
    angles = torch.outer(positions, shape.theta**-exponent)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate x [batch, heads, length, head_dim] in the two-halves layout of transformers."""
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


def fused_kernel(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention by PyTorch's kernel; q [batch, heads, length, head_dim], k and v with fewer heads."""
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=q.shape[1] != k.shape[1])


def blockwise(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """The same as `fused_kernel` in batched products over blocks of queries, faster to train on a CPU.

    The query heads that share a key head form one product, and a block sees only the keys up to its end.
    """
    batch, heads, length, width = q.shape
    groups = heads // k.shape[1]
    grouped = q.reshape(batch, k.shape[1], groups, length, width) * width**-0.5
    blocks = []
    size = max(BLOCK, length // 8)
    for start in range(0, length, size):
        end = min(start + size, length)
        part = grouped[:, :, :, start:end].flatten(2, 3)
        scores = part @ k[:, :, :end].transpose(2, 3)
        place = torch.arange(start, end, device=q.device).repeat(groups).unsqueeze(1)
        future = torch.arange(end, device=q.device) > place
        weights = torch.softmax(scores.float().masked_fill(future, float("-inf")), dim=-1).to(q.dtype)
        blocks.append((weights @ v[:, :, :end]).view(batch, k.shape[1], groups, end - start, width))
    return torch.cat(blocks, dim=3).flatten(1, 2)
