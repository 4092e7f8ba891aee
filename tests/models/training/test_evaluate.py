"""The figures of the model card, on small made-up cases."""

from __future__ import annotations

import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ....models.training import evaluate
from ....models.training.corpus import Source
from ....models.training.draft import Cycle, inherit_embedding, inherit_matching, pack
from ....models.training.fim import Example
from ....models.training.network import Decoder, Shape

CODE = "\n".join(f"def name_{i}(first, second):\n    return first + second * {i}\n" for i in range(40))


@pytest.mark.parametrize(
    ("agrees", "expected"),
    [
        ([True] * 5, (4, 4, 1)),
        ([True] * 10, (8, 8, 2)),
        ([False] * 3, (0, 3, 3)),
        ([True, True, False, True], (3, 4, 2)),
        ([True, False, True, True, True, True, True], (5, 6, 2)),
        ([], (0, 0, 0)),
    ],
)
def test_replayed_rounds(agrees: list[bool], expected: tuple[int, int, int]) -> None:
    assert evaluate.replay(agrees) == expected


@given(st.lists(st.booleans(), max_size=80), st.integers(1, 8))
def test_every_round_emits_what_it_accepts_and_one_more(agrees: list[bool], ahead: int) -> None:
    accepted, tested, rounds = evaluate.replay(agrees, ahead)
    assert accepted <= tested <= accepted + rounds
    assert len(agrees) <= accepted + rounds <= len(agrees) + 1
    assert accepted <= sum(agrees)


def test_cases_are_lines_of_the_source_and_their_ends() -> None:
    sources = [Source("one", "one/a.py", CODE), Source("two", "two/b.py", CODE)]
    whole = evaluate.draw_cases(sources, 20, 300, "line", random.Random(0))
    parts = evaluate.draw_cases(sources, 20, 300, "tail", random.Random(0))
    lines = {line.strip() for line in CODE.split("\n")}
    assert all(case.middle in lines for case in whole)
    assert all(any(line.endswith(case.middle) for line in lines) for case in parts)
    assert {case.path for case in whole} == {"one/a.py", "two/b.py"}
    assert all(case.prefix + case.middle + case.suffix in CODE for case in whole + parts)


def test_the_same_seed_draws_the_same_cases() -> None:
    sources = [Source("one", "one/a.py", CODE)]
    first = evaluate.draw_cases(sources, 10, 200, "any", random.Random(4))
    assert first == evaluate.draw_cases(sources, 10, 200, "any", random.Random(4))


def test_exact_match_looks_at_the_first_line_only() -> None:
    class Letters:
        def decode(self, tokens: list[int]) -> str:
            return "".join(map(chr, tokens))

    cases = [Example("p", "", "", "abc"), Example("p", "", "", "abc  "), Example("p", "", "", "abc")]
    given_back = [list(map(ord, text)) for text in ("abc\nrest", "abc", "abx")]
    share = evaluate.exact(Letters(), given_back, cases)  # type: ignore[arg-type]
    assert share == pytest.approx(2 / 3)


def test_generated_texts_are_packed_into_full_rows() -> None:
    rows = pack([[1, 2, 3], [4, 5], [6], [7, 8, 9, 10]], 4)
    assert rows.tolist() == [[1, 2, 3, 4], [6, 7, 8, 9]]


def test_rows_cycle_and_none_is_refused() -> None:
    cycle = Cycle(pack([[1, 2], [3, 4], [5, 6]], 2))
    assert cycle.take(2, 3).tolist() == [[5, 6], [1, 2], [3, 4]]
    with pytest.raises(ValueError, match="more prompts"):
        Cycle(pack([], 4))


def test_a_draft_inherits_the_closest_embedding_of_its_width() -> None:
    torch.manual_seed(0)
    teacher = Decoder(Shape(vocab=60, dim=24, layers=1, heads=2, kv_heads=1, head_dim=8, hidden=8))
    student = Decoder(Shape(vocab=60, dim=8, layers=1, heads=1, kv_heads=1, head_dim=8, hidden=8))
    low_rank = torch.randn(60, 8) @ torch.randn(8, 24)
    teacher.embed_tokens.weight.data = low_rank
    inherit_embedding(student, teacher)
    own = student.embed_tokens.weight.detach()
    torch.testing.assert_close(own @ own.t(), low_rank @ low_rank.t(), atol=1e-3, rtol=1e-3)


def test_a_draft_takes_over_what_fits_of_an_earlier_one() -> None:
    torch.manual_seed(0)
    earlier = Decoder(Shape(vocab=60, dim=16, layers=1, heads=2, kv_heads=1, head_dim=8, hidden=8))
    student = Decoder(Shape(vocab=60, dim=16, layers=1, heads=1, kv_heads=1, head_dim=16, hidden=8))
    before = {name: tensor.clone() for name, tensor in student.state_dict().items()}
    inherit_matching(student, earlier)
    for name, tensor in student.state_dict().items():
        fits = "k_proj" not in name and "v_proj" not in name
        assert torch.equal(tensor, (earlier.state_dict() if fits else before)[name]), name
