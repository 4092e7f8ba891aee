"""Named sizes of the recipe."""

from __future__ import annotations

from dataclasses import dataclass

from .network import Shape


@dataclass(frozen=True)
class Amounts:
    """For the verb `all`: training tokens of each phase, and prompts that the target continues."""

    stable: int
    fill: int
    decay: int
    long: int
    draft: int
    own: int
    prompts: int


@dataclass(frozen=True)
class Preset:
    """Shapes and amounts; token counts are per phase, lengths are those of training rows."""

    target: Shape
    draft: Shape
    amounts: Amounts
    cap: int = 10_000_000
    length: int = 512
    decay_length: int = 1024
    long_length: int = 2048
    batch: int = 16_384
    micro: int = 4096
    rate: float = 3e-3
    warmup: int = 600_000
    draft_rate: float = 4e-3
    draft_batch: int = 4096
    files: int | None = None


def _llama(vocab: int, dim: int, layers: int, attention: tuple[int, int, int], hidden: int) -> Shape:
    heads, kv_heads, head_dim = attention
    return Shape(vocab, dim, layers, heads, kv_heads, head_dim, hidden)


PRESETS = {
    "mini": Preset(
        target=_llama(6144, 320, 4, (5, 1, 64), 864),
        draft=_llama(6144, 80, 2, (5, 1, 16), 192),
        amounts=Amounts(20_000_000, 60_000_000, 15_000_000, 2_000_000, 10_000_000, 10_000_000, 20_000),
        cap=30_000_000,
    ),
    "gpu": Preset(
        target=_llama(6144, 640, 8, (10, 2, 64), 1728),
        draft=_llama(6144, 192, 2, (3, 3, 64), 512),
        amounts=Amounts(100_000_000, 300_000_000, 80_000_000, 10_000_000, 80_000_000, 60_000_000, 60_000),
        cap=40_000_000,
        length=1024,
        decay_length=2048,
        batch=131_072,
        micro=32_768,
        rate=2e-3,
        warmup=4_000_000,
        draft_batch=32_768,
    ),
    "tiny": Preset(
        target=_llama(512, 64, 2, (2, 1, 32), 128),
        draft=_llama(512, 16, 1, (2, 1, 8), 32),
        amounts=Amounts(12_000, 12_000, 12_000, 12_000, 12_000, 12_000, 40),
        cap=120_000,
        length=64,
        decay_length=128,
        long_length=192,
        batch=1024,
        micro=512,
        warmup=4096,
        draft_batch=1024,
        files=40,
    ),
}
