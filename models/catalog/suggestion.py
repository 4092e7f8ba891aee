"""Which pairs fit a machine, and which one to begin with. No torch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..machine import Machine
from ..plan import WEIGHT_BYTES, Held, Size, Terms, plan, size_of, weight_bytes
from .table import PAIRS, CatalogPair, Model

PRECISIONS = ("f32", "bf16", "int8", "int4")
"""Those that ``memory`` tells of."""
HELD_IN = ("bf16", "int8")
"""Those in which a pair may be proposed, the better one first."""
CONTEXT = 8192
"""Tokens of a prompt and its completion that a proposal must have room for, where the model takes so many."""
SLOTS = 4
CPU_WEIGHTS = 4 << 30
"""Bytes of a target's weights up to which it is proposed for a processor: each token reads them all, and main
memory gives some 40 GB a second, so that a larger one writes fewer than ten tokens a second alone."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A pair on a machine: the best precision in which it fits in all of its memory, and the bytes for it.

    ``precision`` None: it fits in none.
    """

    pair: CatalogPair
    precision: str | None
    needed: int | None


def memory(model: Model) -> dict[str, int]:
    """Bytes of a model's weights in each precision."""
    size = _size(model)
    return {name: weight_bytes(Held(size, name, 2)) for name in PRECISIONS}


def needs(pair: CatalogPair, precision: str, device: str, context: int = CONTEXT) -> int:
    """Bytes the pair needs with ``SLOTS`` caches of ``context`` tokens, or as many as the models take."""
    models = [model for model in (pair.target, pair.draft) if model is not None]
    context = min(context, *(model.context for model in models))
    held = [Held(_size(model), precision, 2) for model in models]
    terms = Terms(context, SLOTS, device, threads=8)
    return plan(held[0], held[1] if len(held) > 1 else None, terms).needed


def fits(machine: Machine, pairs: Sequence[CatalogPair] = PAIRS) -> Iterator[Fit]:
    """How each pair fits the machine's whole memory."""
    for pair in pairs:
        found = Fit(pair, None, None)
        for precision in _possible(pair):
            needed = needs(pair, precision, machine.device)
            if machine.total is not None and needed <= machine.total:
                found = Fit(pair, precision, needed)
                break
        yield found


def suggest(machine: Machine, pairs: Sequence[CatalogPair] = PAIRS) -> Fit | None:
    """The largest pair that fits and that anyone may use for anything, of those with a draft; None if none.

    On a processor only targets count that can be read several times a second; elsewhere integers are widened
    anew in every step, which costs more than it saves, so that only bf16 counts.
    """
    chosen = [fit for fit in fits(machine, pairs) if _is_candidate(fit, machine)]
    return max(chosen, key=lambda fit: fit.pair.target.weights, default=None)


def _is_candidate(fit: Fit, machine: Machine) -> bool:
    pair = fit.pair
    if fit.precision is None or pair.draft is None or not pair.target.free or not pair.draft.free:
        return False
    if pair.target.fim is None or not _native(pair) or min(pair.target.context, pair.draft.context) < CONTEXT:
        return False
    if machine.device != "cpu":
        return fit.precision == "bf16"
    return pair.target.weights * WEIGHT_BYTES[fit.precision] <= CPU_WEIGHTS


def _possible(pair: CatalogPair) -> tuple[str, ...]:
    return HELD_IN if _native(pair) else HELD_IN[:1]


def _native(pair: CatalogPair) -> bool:
    return all(_size(model).shape for model in (pair.target, pair.draft) if model is not None)


def _size(model: Model) -> Size:
    return size_of(model.config, model.weights) if model.config else Size(model.weights, None, None)
