"""Sampled acceptance gives the target's distribution, and accepts as often as theory says."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from ....daemon.engine.acceptance import accept_greedy, accept_sampled
from ....daemon.engine.sampling import Sampling, draw, probabilities

DRAWS = 200_000
PLAIN = Sampling(temperature=1.0)


def markov(vocab: int, seed: int, sharpness: float) -> Tensor:
    """Logits [V, V]: row = previous token."""
    return sharpness * torch.randn(vocab, vocab, generator=torch.Generator().manual_seed(seed))


def disjoint(vocab: int) -> tuple[Tensor, Tensor]:
    """Target and draft that never agree: each lives on its own half of the vocabulary."""
    half = torch.arange(vocab) < vocab // 2
    target, draft = torch.zeros(vocab, vocab), torch.zeros(vocab, vocab)
    return target.masked_fill(half, -torch.inf), draft.masked_fill(~half, -torch.inf)


def near_zero(vocab: int) -> tuple[Tensor, Tensor]:
    """A draft that gives 1e-9 to what the target likes best."""
    target, draft = markov(vocab, 1, 1.0), markov(vocab, 2, 1.0)
    return target, draft.scatter(1, target.argmax(1, keepdim=True), -20.0)


CASES = {
    **{
        f"random v{vocab} s{sharpness}": (
            markov(vocab, vocab, sharpness),
            markov(vocab, 99, sharpness),
            PLAIN,
        )
        for vocab in (3, 8, 20)
        for sharpness in (0.5, 2.0, 6.0)
    },
    "same": (markov(12, 5, 2.0), markov(12, 5, 2.0), PLAIN),
    "nearly the same": (markov(12, 5, 2.0), markov(12, 5, 2.0) + 0.05 * markov(12, 6, 1.0), PLAIN),
    "disjoint supports": (*disjoint(10), PLAIN),
    "near-zero draft": (*near_zero(10), PLAIN),
    "two tokens": (markov(2, 3, 1.0), markov(2, 4, 1.0), PLAIN),
    "hot": (markov(10, 7, 2.0), markov(10, 8, 2.0), Sampling(temperature=1.7)),
    "cold": (markov(10, 7, 2.0), markov(10, 8, 2.0), Sampling(temperature=0.3)),
    "top-k": (markov(16, 9, 1.0), markov(16, 10, 1.0), Sampling(temperature=1.0, top_k=4)),
    "top-k 1": (markov(16, 9, 1.0), markov(16, 10, 1.0), Sampling(temperature=1.0, top_k=1)),
    "top-p": (markov(16, 11, 1.5), markov(16, 12, 1.5), Sampling(temperature=1.0, top_p=0.6)),
    "top-p tiny": (markov(16, 11, 1.5), markov(16, 12, 1.5), Sampling(temperature=1.0, top_p=0.01)),
    "all cut-offs": (
        markov(16, 13, 1.5),
        markov(16, 14, 1.5),
        Sampling(temperature=0.8, top_k=6, top_p=0.8),
    ),
    "point mass": (markov(10, 15, 1.0), None, PLAIN),
    "point mass, top-p": (markov(10, 15, 1.0), None, Sampling(temperature=0.7, top_p=0.7)),
}


def chi_square_p(observed: Tensor, expected: Tensor) -> float:
    """Pearson's p-value; cells that expect fewer than 5 are pooled into one."""
    small = expected < 5
    counts = torch.cat([observed[~small], observed[small].sum()[None]])
    means = torch.cat([expected[~small], expected[small].sum()[None]])
    counts, means = counts[means > 0], means[means > 0]
    if len(means) < 2:
        return 1.0
    statistic = ((counts - means) ** 2 / means).sum()
    return float(torch.special.gammaincc(torch.tensor((len(means) - 1) / 2.0), statistic / 2))


def two_rounds_worth(name: str) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """First two tokens [N, 2] after token 0 of N independent runs with k = 2, and how many were accepted.

    A run whose first round emits one token only takes its second from the target alone, as the next round of
    a plain engine would.
    """
    target_logits, draft_logits, sampling = CASES[name]
    random = torch.Generator().manual_seed(20)
    p = probabilities(target_logits, sampling)
    q = None if draft_logits is None else probabilities(draft_logits, sampling)
    state = torch.zeros(DRAWS, dtype=torch.long)
    drafted = torch.empty(DRAWS, 2, dtype=torch.long)
    for step in range(2):
        uniform = torch.rand(DRAWS, generator=random, dtype=torch.float64)
        drafted[:, step] = (state + 1) % len(p) if q is None else draw(q[state], uniform)
        state = drafted[:, step]
    before = torch.cat([torch.zeros(DRAWS, 1, dtype=torch.long), drafted], dim=1)
    accepted, last = accept_sampled(
        drafted,
        None if q is None else q[before[:, :2]],
        p[before],
        torch.rand(DRAWS, 2, generator=random, dtype=torch.float64),
        torch.rand(DRAWS, generator=random, dtype=torch.float64),
    )
    first = torch.where(accepted >= 1, drafted[:, 0], last)
    alone = draw(p[first], torch.rand(DRAWS, generator=random, dtype=torch.float64))
    second = torch.where(accepted == 0, alone, torch.where(accepted == 1, last, drafted[:, 1]))
    return torch.stack([first, second], dim=1), accepted, p, q


@pytest.mark.parametrize("name", CASES)
def test_output_has_the_targets_distribution(name: str) -> None:
    tokens, accepted, p, q = two_rounds_worth(name)
    vocab = len(p)
    joint = (p[0][:, None] * p).flatten()
    counts = torch.bincount(tokens[:, 0] * vocab + tokens[:, 1], minlength=vocab * vocab).double()
    assert counts[joint == 0].sum() == 0
    assert chi_square_p(counts, DRAWS * joint) > 1e-4
    overlap = float(p[0, 1 % vocab] if q is None else torch.minimum(p[0], q[0]).sum())
    assert float((accepted >= 1).double().mean()) == pytest.approx(overlap, abs=0.01)


def test_enough_cases() -> None:
    assert len(CASES) >= 20


def test_a_biased_rule_is_caught() -> None:
    """The chi-square itself must be able to fail: drawing the correction from p instead of the residual."""
    p, q = probabilities(markov(8, 1, 2.0), PLAIN)[0], probabilities(markov(8, 2, 2.0), PLAIN)[0]
    random = torch.Generator().manual_seed(0)
    uniforms = torch.rand(3, DRAWS, generator=random, dtype=torch.float64)
    drafted = draw(q.expand(DRAWS, -1), uniforms[0])
    kept = uniforms[1] * q[drafted] < p[drafted]
    wrong = torch.where(kept, drafted, draw(p.expand(DRAWS, -1), uniforms[2]))
    assert chi_square_p(torch.bincount(wrong, minlength=8).double(), DRAWS * p) < 1e-4


@given(st.lists(st.integers(0, 3), max_size=8), st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_greedy_keeps_the_longest_common_prefix(drafted: list[int], chosen: list[int]) -> None:
    accepted = accept_greedy(drafted, chosen)
    assert drafted[:accepted] == chosen[:accepted]
    assert accepted == len(drafted) or drafted[accepted] != chosen[accepted]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=20).filter(any), st.floats(0, 1, exclude_max=True))
def test_draw_never_picks_an_impossible_index(weights: list[float], uniform: float) -> None:
    drawn = int(draw(torch.tensor([weights]), torch.tensor([uniform]))[0])
    assert weights[drawn] > 0


def test_draw_at_the_upper_edge() -> None:
    """The largest uniform below 1 must not fall off the end, nor onto a trailing zero."""
    edge = torch.tensor([1.0 - 2**-53], dtype=torch.float64)
    assert int(draw(torch.tensor([[0.3, 0.7, 0.0]]), edge)[0]) == 1


def test_cut_offs() -> None:
    logits = torch.tensor([3.0, 2.0, 1.0, 0.0])
    assert (probabilities(logits, Sampling(1.0, top_k=2)) > 0).tolist() == [True, True, False, False]
    assert (probabilities(logits, Sampling(1.0, top_p=0.65)) > 0).tolist() == [True, True, False, False]
    assert (probabilities(logits, Sampling(1.0, top_p=1e-6)) > 0).tolist() == [True, False, False, False]
    with pytest.raises(ValueError, match="greedy"):
        probabilities(logits, Sampling())
