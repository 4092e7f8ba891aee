"""One round: propose, verify in one target pass, accept a prefix, add the target's own token."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch

from ...models.base import LanguageModel
from .chooser import Chooser
from .drafting import NOTHING, Cancelled, Drafter, Interrupted, Proposal
from .slots import Slot

Clock = Callable[[], float]


class Round(NamedTuple):
    """What one round did: its proposal, how much of it was kept, the tokens it emitted, and its times (s).

    ``read`` are the tokens that the target pass read beside the drafted ones: 1 but where it read a prompt.
    ``log_probabilities`` are the target's own of the emitted tokens, at temperature 1.
    """

    proposal: Proposal
    accepted: int
    emitted: list[int]
    read: int
    log_probabilities: list[float]
    draft_time: float
    verify_time: float


def speculate(
    slot: Slot,
    *,
    target: LanguageModel,
    drafter: Drafter,
    chooser: Chooser,
    vocab: int,
    k: int,
    cancelled: Cancelled,
    clock: Clock,
    allowed: Sequence[int] | None = None,
) -> Round:
    """Advance ``slot`` by one round of at most ``k`` drafted tokens; with ``k`` 0 it is a plain step.

    The target reads what its KV lacks of ``slot.tokens`` and the drafted tokens in one pass, so the first
    round of a completion also ends its prefill. ``vocab`` cuts the logits to the ids both models share;
    ``allowed``, with ``k`` 0, restricts the token to some ids. Raises Interrupted when ``cancelled()`` turns
    true before the target pass; the caller then settles the slot.
    """
    started = clock()
    k = min(k, slot.target.capacity - len(slot.tokens))
    proposal = drafter.propose(slot.tokens, k, cancelled) if k > 0 else NOTHING
    if cancelled():
        raise Interrupted
    drafted = clock()
    unread = slot.tokens[slot.target.length :]
    pending = unread + proposal.tokens
    if chooser.greedy and allowed is None:
        choices = target.choose(pending, slot.target, len(proposal.tokens) + 1, vocab)
        accepted = chooser.accept(proposal, choices)
        emitted = [*proposal.tokens[:accepted], choices[accepted].token]
        logs = [choice.log_probability for choice in choices[: accepted + 1]]
    else:
        feed = torch.tensor(pending, dtype=torch.long, device=target.device)
        logits = target.forward(feed, slot.target, keep=len(proposal.tokens) + 1)[:, :vocab]
        accepted, emitted, logs = _judged(logits, proposal, chooser, allowed)
    slot.extend(emitted)
    return Round(proposal, accepted, emitted, len(unread), logs, drafted - started, clock() - drafted)


def _judged(
    logits: torch.Tensor, proposal: Proposal, chooser: Chooser, allowed: Sequence[int] | None
) -> tuple[int, list[int], list[float]]:
    """Accepted, emitted and their log-probabilities, from logits [k+1, V], by sampling or ``allowed``."""
    judged = logits if allowed is None else _only(logits, allowed)
    accepted, token = (0, int(judged.argmax())) if chooser.greedy else chooser.judge(proposal, judged)
    emitted = [*proposal.tokens[:accepted], token]
    index = torch.tensor(emitted, device=logits.device).unsqueeze(1)
    logs: list[float] = logits[: accepted + 1].log_softmax(-1).gather(1, index)[:, 0].tolist()
    return accepted, emitted, logs


def _only(logits: torch.Tensor, allowed: Sequence[int]) -> torch.Tensor:
    index = torch.tensor(allowed, dtype=torch.long, device=logits.device)
    return torch.full_like(logits, -torch.inf).index_copy(-1, index, logits[:, index])
