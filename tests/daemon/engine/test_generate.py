"""Generation on toy models: identity, distribution, cancellation at every step, faults at every pass."""

import itertools
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ....daemon.engine.chooser import Chooser
from ....daemon.engine.generate import Generation
from ....daemon.engine.lookup import Lookup
from ....daemon.engine.records import Result, Token
from ....daemon.engine.sampling import Sampling, probabilities
from .test_acceptance import chi_square_p
from .toys import Sink, ToyModel, never, tokens_of, toy_slot

VOCAB = 11
PROMPT = [1, 2, 3, 1, 2]


def table(seed: int) -> torch.Tensor:
    return 2.0 * torch.randn(VOCAB, VOCAB, generator=torch.Generator().manual_seed(seed))


def pair(agreement: float = 0.7) -> tuple[ToyModel, ToyModel]:
    """A target with memory, so that stale cache contents change its output, and a draft that often agrees."""
    mixed = agreement * table(1) + (1 - agreement) * table(2)
    return ToyModel(table(1), memory=0.05), ToyModel(mixed)


@pytest.mark.parametrize("drafter", ["draft", "lookup"])
@pytest.mark.parametrize("k", range(1, 9))
def test_greedy_equals_plain(drafter: str, k: int) -> None:
    target, draft = pair()
    plain, _ = tokens_of(toy_slot(target, draft), PROMPT, target, draft, drafter="draft", k=0, count=60)
    made, result = tokens_of(toy_slot(target, draft), PROMPT, target, draft, drafter=drafter, k=k, count=60)
    assert made == plain
    assert result.emitted == 60
    assert result.accepted <= result.tested <= result.drafted <= k * result.passes
    assert result.accepted > 0
    assert sum(accepted for _, accepted in result.by_position) == result.accepted
    assert sum(tested for tested, _ in result.by_position) == result.tested


@given(st.integers(0, 2**31), st.integers(0, 8), st.integers(1, 30), st.floats(0, 1))
@settings(max_examples=60)
def test_a_draft_of_any_quality_changes_nothing(seed: int, k: int, count: int, agreement: float) -> None:
    target = ToyModel(table(seed), memory=0.05)
    draft = ToyModel(agreement * table(seed) + (1 - agreement) * table(seed + 1))
    plain, _ = tokens_of(toy_slot(target, draft), PROMPT, target, draft, drafter="draft", k=0, count=count)
    made, _ = tokens_of(toy_slot(target, draft), PROMPT, target, draft, drafter="draft", k=k, count=count)
    assert made == plain


@pytest.mark.parametrize("drafter", ["draft", "lookup"])
def test_sampled_output_has_the_targets_distribution(drafter: str) -> None:
    """The wiring of the sampled path: two tokens after a prompt, many seeds."""
    target, draft = ToyModel(table(3)), ToyModel(table(4))
    sampling = Sampling(temperature=0.9, top_k=6, top_p=0.95)
    slot, runs = toy_slot(target, draft), 2000
    counts = torch.zeros(VOCAB, VOCAB, dtype=torch.double)
    for seed in range(runs):
        made, _ = tokens_of(
            slot, PROMPT, target, draft, drafter=drafter, k=2, count=2, sampling=sampling, seed=seed
        )
        counts[made[0], made[1]] += 1
    rows = probabilities(target.table, sampling)
    joint = rows[PROMPT[-1]][:, None] * rows
    assert counts[joint == 0].sum() == 0
    assert chi_square_p(counts.flatten(), runs * joint.flatten()) > 1e-4


def test_a_seed_repeats_a_sampled_completion() -> None:
    target, draft = pair()
    runs = [
        tokens_of(
            toy_slot(target, draft),
            PROMPT,
            target,
            draft,
            drafter="draft",
            k=4,
            count=30,
            sampling=Sampling(1.0),
            seed=seed,
        )[0]
        for seed in (5, 5, 6)
    ]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("drafter", ["draft", "lookup"])
def test_cancel_at_every_step_leaves_the_slot_valid(drafter: str) -> None:
    target, draft = pair()
    nexts = [*PROMPT, 5]
    cold, _ = tokens_of(toy_slot(target, draft), nexts, target, draft, drafter=drafter, k=3, count=20)
    slot = toy_slot(target, draft)
    for patience in itertools.count():
        asked = itertools.count()
        _, result = tokens_of(
            slot,
            PROMPT,
            target,
            draft,
            drafter=drafter,
            k=3,
            count=20,
            cancelled=lambda asked=asked, patience=patience: next(asked) >= patience,  # type: ignore[misc]
        )
        slot.check()
        made, _ = tokens_of(slot, nexts, target, draft, drafter=drafter, k=3, count=20)
        assert made == cold
        if result.finish == "length":
            break
        assert result.finish == "cancelled"
    assert patience > 10


@pytest.mark.parametrize("victim", ["target", "draft"])
def test_a_fault_at_every_pass_leaves_the_slot_valid(victim: str) -> None:
    """SQLite's way: let the N-th forward pass fail, for N = 1, 2, 3 … until none is left to fail."""
    target, draft = pair()
    cold, _ = tokens_of(toy_slot(target, draft), PROMPT, target, draft, drafter="draft", k=3, count=20)
    slot = toy_slot(target, draft)
    model = target if victim == "target" else draft
    for failing in itertools.count(1):
        model.calls, model.fail_at = 0, failing
        try:
            tokens_of(slot, [7, *PROMPT], target, draft, drafter="draft", k=3, count=20)
            break
        except MemoryError:
            slot.check()
        model.fail_at = None
        made, _ = tokens_of(slot, PROMPT, target, draft, drafter="draft", k=3, count=20)
        assert made == cold
    assert failing > 5


def test_the_context_ends_the_completion() -> None:
    target, draft = pair()
    for k in range(6):
        slot = toy_slot(target, draft, capacity=24)
        made, result = tokens_of(slot, PROMPT, target, draft, drafter="draft", k=k, count=100)
        assert result.finish == "length"
        assert len(made) == 24 - len(PROMPT) + 1


def test_a_smaller_draft_context_only_ends_the_drafting() -> None:
    target, draft = pair()
    slot = toy_slot(target, draft)
    slot.draft = draft.new_cache(16)
    plain, _ = tokens_of(toy_slot(target, draft), PROMPT, target, draft, drafter="draft", k=0, count=60)
    made, result = tokens_of(slot, PROMPT, target, draft, drafter="draft", k=4, count=60)
    _, roomy = tokens_of(toy_slot(target, draft), PROMPT, target, draft, drafter="draft", k=4, count=60)
    assert made == plain
    assert 0 < result.drafted < roomy.drafted


def test_the_same_prompt_again_computes_one_token() -> None:
    target, draft = pair()
    slot = toy_slot(target, draft)
    _, first = tokens_of(slot, PROMPT, target, draft, drafter="draft", k=3, count=10, cancelled=never)
    _, again = tokens_of(slot, PROMPT, target, draft, drafter="draft", k=3, count=10)
    assert (first.reused, first.computed) == (0, len(PROMPT))
    assert (again.reused, again.computed) == (len(PROMPT) - 1, 1)


def test_origins_follow_the_proposals() -> None:
    target, draft = pair(agreement=1.0)
    target.memory = 0.0
    _, result = tokens_of(toy_slot(target, draft), PROMPT, target, draft, drafter="draft", k=3, count=12)
    assert [token.origin for token in result.tokens] == ["draft", "draft", "draft", "target"] * 3
    assert (result.drafted, result.tested, result.accepted, result.passes) == (9, 9, 9, 3)


class Partial(Sink):
    """Only some of the tokens have text, as while a character lacks bytes or what stands there is healed."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self._shown = shown

    def kept(self) -> tuple[Token, ...]:
        texts = zip(super().kept(), self._shown, strict=True)
        return tuple(replace(token, text=token.text if shown == "x" else "") for token, shown in texts)


def confidence(shown: str) -> tuple[tuple[float, float] | None, list[float]]:
    """That of a result whose tokens have text where ``shown`` has an x, and each token's own."""
    target = ToyModel(table(1))
    slot, sink = toy_slot(target, None), Partial(shown)
    run = Generation(
        target=target,
        drafter=Lookup(PROMPT, len(PROMPT), 1),
        chooser=Chooser(Sampling(), 0, target.device),
        slot=slot,
        reused=slot.begin(PROMPT),
        writer=sink,
        vocab=VOCAB,
        k=2,
        max_tokens=len(shown),
        cancelled=never,
    )
    *_, result = run
    assert isinstance(result, Result)
    rows = target.table.log_softmax(-1)
    logs = [float(rows[last, own]) for last, own in itertools.pairwise([PROMPT[-1], *sink.emitted])]
    return result.confidence, logs


@pytest.mark.parametrize(
    ("shown", "first", "end"), [("xxxx", 0, 4), (".xxx", 1, 4), ("..x.", 2, 3), ("x.x.", 0, 3)]
)
def test_confidence_is_that_of_the_tokens_of_the_text(shown: str, first: int, end: int) -> None:
    """Not of those before it, which only repeat what stands before the cursor, nor of an end token."""
    found, logs = confidence(shown)
    kept = logs[first:end]
    assert found == pytest.approx((sum(kept) / len(kept), min(kept)))


def test_a_text_of_nothing_has_no_confidence() -> None:
    assert confidence("....")[0] is None
