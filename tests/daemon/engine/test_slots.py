"""Slots: the longest common prefix is kept, and documents do not push each other out needlessly."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.slots import Slots, common_prefix
from .toys import ToyModel, tokens_of

TOKENS = st.lists(st.integers(0, 3), min_size=1, max_size=12)


def models() -> tuple[ToyModel, ToyModel]:
    return ToyModel(torch.eye(5), memory=0.1), ToyModel(torch.eye(5))


@given(TOKENS, TOKENS)
def test_common_prefix(left: list[int], right: list[int]) -> None:
    shared = common_prefix(left, right)
    assert left[:shared] == right[:shared]
    assert shared == min(len(left), len(right)) or left[shared] != right[shared]


@given(st.lists(TOKENS, min_size=1, max_size=12), st.integers(1, 3))
def test_any_sequence_of_prompts_equals_cold_runs(prompts: list[list[int]], count: int) -> None:
    target, draft = models()
    slots = Slots(target, draft, 64, count)
    for prompt in prompts:
        slot = slots.acquire(prompt)
        warm, result = tokens_of(slot, prompt, target, draft, drafter="draft", k=2, count=4)
        slot.check()
        cold_slots = Slots(target, draft, 64, 1)
        cold, _ = tokens_of(cold_slots.acquire(prompt), prompt, target, draft, drafter="draft", k=2, count=4)
        assert warm == cold
        assert result.reused + result.computed == len(prompt)


def test_another_document_gets_its_own_slot() -> None:
    target, draft = models()
    slots = Slots(target, draft, 64, 2)
    one, two = [0] + [1] * 20, [0] + [2] * 20
    for prompt in (one, two):
        tokens_of(slots.acquire(prompt), prompt, target, draft, drafter="draft", k=2, count=4)
    _, back = tokens_of(slots.acquire(one), one, target, draft, drafter="draft", k=2, count=4)
    assert back.reused == len(one) - 1


def test_the_least_recently_used_goes_first() -> None:
    target, draft = models()
    slots = Slots(target, draft, 64, 2)
    one, two, three = [0, 1] * 10, [1, 2] * 10, [2, 3] * 10
    for prompt in (one, two, one, three):
        tokens_of(slots.acquire(prompt), prompt, target, draft, drafter="draft", k=2, count=4)
    for prompt, reused in ((one, len(one) - 1), (three, len(three) - 1), (two, 0)):
        _, result = tokens_of(slots.acquire(prompt), prompt, target, draft, drafter="draft", k=2, count=4)
        assert result.reused == reused
