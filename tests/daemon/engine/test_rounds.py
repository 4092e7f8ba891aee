"""One round by itself: what it reads, keeps, adds and measures, and what an interruption leaves."""

import itertools
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.chooser import Chooser
from ....daemon.engine.drafting import NOTHING, Cancelled, Interrupted, Proposal
from ....daemon.engine.rounds import Round, speculate
from ....daemon.engine.sampling import Sampling
from ....daemon.engine.slots import Slot
from .toys import ToyModel, never, toy_slot

VOCAB = 7
PROMPT = [1, 2, 3]
TABLE = 2.0 * torch.randn(VOCAB, VOCAB, generator=torch.Generator().manual_seed(5))
TOKENS = st.lists(st.integers(0, VOCAB - 1), max_size=5)


class Says:
    """A drafter that proposes given tokens, and remembers how many it was asked for."""

    def __init__(self, *tokens: int) -> None:
        self.tokens = list(tokens)
        self.asked: list[int] = []

    def propose(self, tokens: Sequence[int], k: int, cancelled: Cancelled) -> Proposal:
        self.asked.append(k)
        return Proposal(self.tokens[:k], "lookup") if self.tokens[:k] else NOTHING


def begun(prompt: Sequence[int] = PROMPT, capacity: int = 64) -> Slot:
    slot = toy_slot(ToyModel(TABLE), None, capacity)
    slot.begin(prompt)
    return slot


def run(
    slot: Slot,
    drafter: Says,
    *,
    k: int = 5,
    sampling: Sampling | None = None,
    seed: int = 0,
    vocab: int = VOCAB,
    cancelled: Cancelled = never,
    allowed: Sequence[int] | None = None,
    ticks: Sequence[float] = (0.0, 0.0, 0.0),
) -> Round:
    model, clock = ToyModel(TABLE), iter(ticks)
    return speculate(
        slot,
        target=model,
        drafter=drafter,
        chooser=Chooser(sampling or Sampling(), seed, model.device),
        vocab=vocab,
        k=k,
        cancelled=cancelled,
        clock=lambda: next(clock),
        allowed=allowed,
    )


def chain(count: int, after: int = PROMPT[-1]) -> list[int]:
    """What the target alone writes."""
    own = [after]
    for _ in range(count):
        own.append(int(TABLE[own[-1]].argmax()))
    return own[1:]


@given(TOKENS)
def test_a_greedy_round_emits_what_the_target_would_have_written(drafted: list[int]) -> None:
    slot = begun()
    done = run(slot, Says(*drafted))
    right = sum(
        itertools.accumulate(
            (own == said for own, said in zip(chain(len(drafted)), drafted, strict=True)), min
        )
    )
    assert done.accepted == right
    assert done.emitted == chain(right + 1)
    assert slot.tokens == [*PROMPT, *done.emitted]
    assert slot.target.length == len(slot.tokens) - 1
    slot.check()


@given(TOKENS, st.sampled_from([Sampling(), Sampling(0.5), Sampling(2.0, top_k=2, top_p=0.7)]))
def test_log_probabilities_are_the_targets_own_of_what_was_emitted(
    drafted: list[int], sampling: Sampling
) -> None:
    done = run(begun(), Says(*drafted), sampling=sampling)
    rows = TABLE.log_softmax(-1)
    own = [float(rows[last, token]) for last, token in itertools.pairwise([PROMPT[-1], *done.emitted])]
    assert done.log_probabilities == pytest.approx(own, abs=1e-5)


def test_without_room_for_drafts_nobody_is_asked_for_any() -> None:
    drafter = Says(*chain(4))
    assert run(begun(), drafter, k=0).emitted == chain(1)
    assert drafter.asked == []


@pytest.mark.parametrize(("capacity", "asked"), [(3, []), (4, [1]), (7, [4]), (8, [5]), (64, [5])])
def test_no_more_is_drafted_than_the_context_has_room_for(capacity: int, asked: list[int]) -> None:
    slot, drafter = begun(capacity=capacity), Says(*chain(5))
    done = run(slot, drafter)
    assert drafter.asked == asked
    assert done.emitted == chain(sum(asked) + 1)
    assert slot.target.length <= capacity


def test_the_first_round_reads_what_is_left_of_the_prompt() -> None:
    slot, drafter = begun(), Says(*chain(2))
    assert run(slot, drafter).read == len(PROMPT)
    assert run(slot, drafter).read == 1


def test_ids_beyond_the_shared_ones_are_never_chosen() -> None:
    likeliest = int(TABLE[PROMPT[-1]].argmax())
    assert likeliest > 0
    assert run(begun(), Says(), vocab=likeliest).emitted[0] < likeliest
    assert run(begun(), Says(), vocab=likeliest, sampling=Sampling(5.0)).emitted[0] < likeliest


@pytest.mark.parametrize(
    "sampling", [Sampling(), Sampling(1.5), Sampling(0.1, top_k=1), Sampling(3.0, top_p=0.01)]
)
@given(st.lists(st.integers(0, VOCAB - 1), min_size=1, unique=True), st.integers(0, 99))
def test_only_allowed_tokens_come(sampling: Sampling, allowed: list[int], seed: int) -> None:
    done = run(begun(), Says(), k=0, sampling=sampling, allowed=allowed, seed=seed)
    assert (done.accepted, len(done.emitted)) == (0, 1)
    assert done.emitted[0] in allowed
    if sampling.greedy:
        assert done.emitted == [max(allowed, key=lambda token: float(TABLE[PROMPT[-1], token]))]


def test_what_is_allowed_makes_no_token_likelier_than_the_target_has_it() -> None:
    unlikely = int(TABLE[PROMPT[-1]].argmin())
    done = run(begun(), Says(), k=0, allowed=[unlikely])
    assert done.log_probabilities == pytest.approx([float(TABLE[PROMPT[-1]].log_softmax(-1)[unlikely])])


def test_a_cancel_while_drafting_costs_no_pass_of_the_target() -> None:
    slot = begun()
    with pytest.raises(Interrupted):
        run(slot, Says(*chain(3)), cancelled=lambda: True)
    slot.settle()
    slot.check()
    assert (slot.tokens, slot.target.length) == (PROMPT, 0)
    assert run(slot, Says(*chain(3))).emitted == chain(4)


def test_drafting_and_verifying_are_timed_apart() -> None:
    done = run(begun(), Says(*chain(1)), ticks=(10.0, 10.25, 11.0))
    assert (done.draft_time, done.verify_time) == (0.25, 0.75)


def test_a_round_without_a_guess_is_a_plain_step() -> None:
    done = run(begun(), Says())
    assert (done.proposal, done.accepted, done.emitted) == (NOTHING, 0, chain(1))
