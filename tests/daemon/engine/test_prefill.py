"""Reading a prompt: in pieces, no further than asked, and a cancel between two of them loses nothing."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from ....daemon.engine.drafting import Interrupted
from ....daemon.engine.prefill import PIECES, prefill
from ....models.base import KVCache
from .toys import ToyCache, ToyModel, never

MOST = PIECES["cpu"]
LENGTHS = st.integers(0, 4 * MOST) | st.sampled_from([1, MOST - 1, MOST, MOST + 1, 2 * MOST, 2 * MOST + 1])


class Reader(ToyModel):
    """Notes how many tokens each pass reads."""

    def __init__(self) -> None:
        super().__init__(torch.eye(3))
        self.read: list[int] = []

    def forward(self, tokens: Tensor, cache: KVCache, keep: int = 1) -> Tensor:
        self.read.append(len(tokens))
        return super().forward(tokens, cache, keep)


def prompt(length: int) -> list[int]:
    return [index % 3 for index in range(length)]


@given(LENGTHS, LENGTHS, LENGTHS, st.sampled_from([None, 0, 1, 5, MOST, 3 * MOST]))
def test_at_most_so_many_tokens_are_left_as_asked(
    length: int, known: int, capacity: int, leave: int | None
) -> None:
    model, tokens = Reader(), prompt(length)
    cache = ToyCache(capacity)
    cache.tokens = tokens[: min(known, capacity)]
    before = cache.length
    prefill(model, cache, tokens, never, leave)
    allowed = MOST if leave is None else leave
    assert cache.tokens == tokens[: cache.length]
    assert length - cache.length <= allowed or cache.length == capacity
    assert before == cache.length or length - cache.length >= min(allowed, 1)
    assert all(0 < read <= MOST for read in model.read)


@pytest.mark.parametrize(("length", "passes"), [(0, 0), (1, 0), (2, 1), (MOST + 1, 1), (MOST + 2, 2)])
def test_the_last_token_is_left_to_the_caller(length: int, passes: int) -> None:
    model, cache = Reader(), ToyCache(1000)
    prefill(model, cache, prompt(length), never, leave=1)
    assert (len(model.read), cache.length) == (passes, max(0, length - 1))


@pytest.mark.parametrize(
    ("length", "read"), [(MOST, 0), (MOST + 1, MOST), (2 * MOST, MOST), (2 * MOST + 1, 2 * MOST)]
)
def test_what_one_pass_can_read_is_left_to_it(length: int, read: int) -> None:
    cache = ToyCache(1000)
    prefill(Reader(), cache, prompt(length), never)
    assert cache.length == read


def test_nobody_is_asked_where_nothing_is_to_read() -> None:
    cache = ToyCache(1000)
    prefill(Reader(), cache, prompt(MOST), lambda: True)
    assert cache.length == 0


def test_after_a_cancel_between_any_two_pieces_reading_goes_on_where_it_stopped() -> None:
    tokens = prompt(4 * MOST + 7)
    for patience in range(5):
        model, cache, asked = Reader(), ToyCache(1000), itertools.count()
        with pytest.raises(Interrupted):
            prefill(model, cache, tokens, lambda asked=asked, most=patience: next(asked) >= most, leave=1)  # type: ignore[misc]
        assert model.read == [MOST] * patience
        prefill(model, cache, tokens, never, leave=1)
        assert cache.tokens == tokens[:-1]
        assert sum(model.read) == len(tokens) - 1


def test_other_devices_read_more_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PIECES, "cpu")
    model = Reader()
    prefill(model, ToyCache(1000), prompt(600), never, leave=1)
    assert model.read == [256, 256, 87]
