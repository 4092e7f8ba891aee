"""The memory plan of a pair: what it takes while it loads and while it serves, and what would fit. No torch.

While a model is loaded that is rounded to integers, one part of it after another is there in the wider type
that it is rounded from; a product with int8 that is not compiled widens one matrix again. Both count, and so
does what the compiled step holds beside the weights.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .config import DecoderConfig, NotNativeError, number, parse_config, whole_blocks
from .precision import group_of, is_rounding

RESERVE = 256 << 20  # bytes kept free for activations and the rest of the process
WEIGHT_BYTES = {"f32": 4.0, "bf16": 2.0, "f16": 2.0, "int8": 1.0, "int4": 0.5}
NARROWER = ("bf16", "int8", "int4")  # what a model that is too large may be held in instead
STEP = 64  # tokens of a compiled step, and rows of what it computes
STEP_PARTIALS = 32 << 20  # bytes of the partial results of attention
CAPTURED = 16  # tokens of the widest captured step
GRAPHS = 64 << 20  # bytes of the scratch and the launches of captured steps, a guess
JUDGED = 33  # most positions whose logits are computed at once
LEAST_CONTEXT = 1024  # a shorter one is not worth proposing


@dataclass(frozen=True, slots=True)
class Size:
    """What a model is made of: its weights, keys and values (numbers a token, None: not known), its shape.

    ``shape`` is None for a model that runs through transformers, or whose shape is not known.
    """

    weights: int
    kv: int | None
    shape: DecoderConfig | None


@dataclass(frozen=True, slots=True)
class Held:
    """A model as it is to be held: ``precision`` of its weights; ``wide`` bytes of a number elsewhere."""

    size: Size
    precision: str
    wide: int


@dataclass(frozen=True, slots=True)
class Terms:
    """How a pair runs: tokens of a cache, number of caches, device (``cpu``, ``cuda``, ``mps``), threads."""

    context: int
    slots: int
    device: str
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Bytes by name while serving, and the most that is held while loading."""

    parts: Mapping[str, int]
    loading: int

    @property
    def needed(self) -> int:
        """Bytes that must be free, the reserve included."""
        return max(sum(self.parts.values()), self.loading) + RESERVE


def size_of(config: Mapping[str, Any], weights: int) -> Size:
    """The size of a model by its ``config.json`` and number of weights. CheckpointError as parsing it."""
    try:
        shape = parse_config(config)
    except NotNativeError:
        return Size(weights, _kv_numbers(config), None)
    return Size(shape.parameter_count(), 2 * shape.layers * shape.kv_heads * shape.head_dim, shape)


def _kv_numbers(config: Mapping[str, Any]) -> int | None:
    layers, heads = number(config, "num_hidden_layers"), number(config, "num_attention_heads")
    width = number(config, "hidden_size")
    if not layers or not heads or not width:
        return None
    shared = 1 if config.get("multi_query") is True else number(config, "num_key_value_heads")
    return 2 * layers * (shared or heads) * (number(config, "head_dim") or width // heads)


def weight_bytes(held: Held) -> int:
    """Bytes of the weights: norms and biases stay wide, beside int4 the embedding and the output too."""
    shape = held.size.shape
    if not is_rounding(held.precision) or shape is None:
        return int(held.size.weights * WEIGHT_BYTES[held.precision])
    layer = _matrices(shape)
    ends = [(shape.vocab, shape.dim)] * (1 if shape.tied else 2)
    numbers = shape.layers * sum(rows * columns for rows, columns in layer)
    numbers += sum(rows * columns for rows, columns in ends)
    whole = shape.layers * sum(_rounded_bytes(*matrix, held) for matrix in layer)
    if held.precision == "int8":
        whole += sum(_rounded_bytes(*matrix, held) for matrix in ends)
    else:
        whole += sum(rows * columns for rows, columns in ends) * held.wide
    return whole + (held.size.weights - numbers) * held.wide


def _matrices(shape: DecoderConfig) -> list[tuple[int, int]]:
    """Outputs and inputs of the matrices of a layer."""
    inner = shape.heads * shape.head_dim
    wide = inner + 2 * shape.kv_heads * shape.head_dim
    return [
        (wide, shape.dim),
        (shape.dim, inner),
        (2 * shape.hidden, shape.dim),
        (shape.dim, shape.hidden),
    ]


def _rounded_bytes(rows: int, columns: int, held: Held) -> int:
    """Bytes of a matrix in integers: a float32 scale a row, or a wide scale and zero a group."""
    group = group_of(rows, columns) if held.precision == "int4" else None
    if group is None:
        return rows * columns + 4 * rows
    return rows * columns // 2 + rows * columns // group * 2 * held.wide


def plan(target: Held, draft: Held | None, terms: Terms) -> Plan:
    """The plan of a pair under ``terms``."""
    parts = {"target weights": weight_bytes(target)}
    loading = _while_rounding(target)
    if draft is not None:
        parts["draft weights"] = weight_bytes(draft)
        loading = max(loading, parts["target weights"] + _while_rounding(draft))
    for name, held in (("target", target), ("draft", draft)):
        if held is not None:
            parts[f"{name} keys and values"] = _cache_bytes(held, terms)
            parts[f"{name} step"] = _step_bytes(held, terms)
    return Plan(parts, loading)


def _while_rounding(held: Held) -> int:
    """Most bytes of a model while it is loaded: integers, and the widest part that is yet to be rounded."""
    shape = held.size.shape
    if not is_rounding(held.precision) or shape is None:
        return weight_bytes(held)
    ends = shape.vocab * shape.dim * (1 if shape.tied else 2)
    layer = (held.size.weights - ends) // shape.layers
    packing = 0
    if held.precision == "int4":
        packing = 4 * max(rows * columns for rows, columns in _matrices(shape))
    return weight_bytes(held) + max(ends, layer) * held.wide + packing


def _largest_matrix(size: Size) -> int:
    shape = size.shape
    return 0 if shape is None else shape.dim * max(shape.vocab, 2 * shape.hidden)


def _cache_bytes(held: Held, terms: Terms) -> int:
    return (held.size.kv or 0) * whole_blocks(terms.context) * terms.slots * held.wide


def _step_bytes(held: Held, terms: Terms) -> int:
    """What a step holds besides: a widened matrix, float32 copies of vectors, buffers of each thread."""
    shape = held.size.shape
    if shape is None:
        return 0
    widened = _largest_matrix(held.size) * held.wide if held.precision == "int8" else 0
    rotary = 2 * shape.head_dim * terms.context
    if terms.device != "cpu":
        captured = GRAPHS + 2 * 4 * CAPTURED * shape.vocab if terms.device == "cuda" else 0
        return widened + rotary * held.wide + captured
    inner = shape.heads * shape.head_dim
    norms = shape.layers * (2 * shape.dim + 2 * inner + 2 * shape.hidden)
    shared = 2 * inner + 2 * shape.kv_heads * shape.head_dim + shape.dim + shape.hidden
    own = max(shape.dim, shape.hidden, inner) + 256
    buffers = STEP * (shared + terms.threads * own) + JUDGED * shape.vocab
    return widened + rotary * held.wide + 4 * (norms + rotary + buffers) + STEP_PARTIALS


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change with which a pair fits, in words for a sentence, and the bytes it then needs."""

    words: str
    needed: int


def remedies(target: Held, draft: Held | None, terms: Terms, free: int) -> list[Remedy]:
    """Single changes with which the pair fits in ``free`` bytes; none when it takes another pair."""
    found: list[Remedy] = []
    for words, other in _changes(target, draft, terms):
        needed = plan(*other).needed
        if needed <= free:
            found.append(Remedy(words, needed))
    context = _longest_context(target, draft, terms, free)
    if context is not None:
        needed = plan(target, draft, replace(terms, context=context)).needed
        found.append(Remedy(f"a context of {context} tokens", needed))
    return found


def _changes(
    target: Held, draft: Held | None, terms: Terms
) -> Iterator[tuple[str, tuple[Held, Held | None, Terms]]]:
    for precision in NARROWER:
        if WEIGHT_BYTES[precision] < WEIGHT_BYTES[target.precision]:
            models = [_in(precision, held) for held in (target, draft) if held is not None]
            if not is_rounding(precision) or all(held.size.shape for held in models):
                yield f"{precision} weights", (models[0], models[1] if draft else None, terms)
    if terms.slots > 1:
        yield "1 slot", (target, draft, replace(terms, slots=1))
    if draft is not None:
        yield "no draft", (target, None, terms)


def _in(precision: str, held: Held) -> Held:
    """The model held no wider than ``precision``; keys and values of f32 become narrower with it."""
    if WEIGHT_BYTES[held.precision] <= WEIGHT_BYTES[precision]:
        return held
    return Held(held.size, precision, min(held.wide, 2) if precision == "bf16" else held.wide)


def _longest_context(target: Held, draft: Held | None, terms: Terms, free: int) -> int | None:
    """The longest shorter context that fits, a multiple of the least one; None if none does."""

    def needed(blocks: int) -> int:
        return plan(target, draft, replace(terms, context=blocks * LEAST_CONTEXT)).needed

    most = (terms.context - 1) // LEAST_CONTEXT
    fitting = bisect_right(range(1, most + 1), free, key=needed)
    return fitting * LEAST_CONTEXT or None
