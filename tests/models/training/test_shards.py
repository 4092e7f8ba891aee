"""Rows of tokens and their order."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ....models.training import shards, tokenizer
from ....models.training.corpus import Source
from ....models.training.fim import Example

LENGTH = 96
MIX = shards.Mix()


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    """Forty small files that differ."""
    draw = random.Random(3)
    texts = [
        "\n".join(f"def f{n}_{i}(a, b):\n    return a * {draw.randint(0, 99)} + b\n" for i in range(30))
        for n in range(40)
    ]
    return [Source("pack", f"pack/m{n}.py", text) for n, text in enumerate(texts)]


@pytest.fixture(scope="module")
def pieces(sources: list[Source]) -> Tokenizer:
    """A tokenizer for `sources`."""
    made = tokenizer.train((source.text for source in sources), 400)
    made.encode_special_tokens = True
    return made


def _write(folder: Path, sources: list[Source], pieces: Tokenizer, epoch: int = 0) -> shards.Rows:
    path = shards.shard_path(folder, "even", LENGTH, epoch)
    return shards.write_epoch(path, sources, pieces, length=LENGTH, seed=epoch, mix=MIX)


def test_rows_have_one_token_more_than_the_length(
    tmp_path: Path, sources: list[Source], pieces: Tokenizer
) -> None:
    rows = _write(tmp_path, sources, pieces)
    assert rows.dtype == np.uint16
    assert rows.shape[1] == LENGTH + 1
    assert rows.max() < pieces.get_vocab_size()


def test_the_same_seed_writes_the_same_rows(tmp_path: Path, sources: list[Source], pieces: Tokenizer) -> None:
    first = _write(tmp_path / "a", sources, pieces)
    second = _write(tmp_path / "b", sources, pieces)
    other = _write(tmp_path / "c", sources, pieces, epoch=1)
    assert np.array_equal(first, second)
    assert not np.array_equal(first[:20], other[:20])


def test_examples_lie_whole_in_a_row_in_both_orders(
    tmp_path: Path, sources: list[Source], pieces: Tokenizer
) -> None:
    rows = _write(tmp_path, sources, pieces)
    ids = tokenizer.special_ids(pieces)
    marks = [ids[tokenizer.PREFIX], ids[tokenizer.SUFFIX], ids[tokenizer.MIDDLE]]
    orders = set()
    for row in rows.tolist():
        seen = [token for token in row if token in marks]
        assert len(seen) % 3 == 0
        for start in range(0, len(seen), 3):
            assert seen[start + 2] == marks[2]
            orders.add(tuple(seen[start : start + 2]))
            assert set(seen[start : start + 2]) == set(marks[:2])
    assert len(orders) == 2


def test_the_share_of_examples_follows_the_mix() -> None:
    packer = shards.Packer(10, shards.Mix(wide=0.3, local=0.4))
    for _ in range(100):
        for _ in range(4):
            packer.add_example([1] * 7)
            packer.add_example([4] * 3, local=True)
        packer.add_plain([2], [3] * 6)
    rows = np.array(list(packer.rows(keep=0)))
    assert 0.2 < (rows == 1).mean() < 0.4
    assert 0.3 < (rows == 4).mean() < 0.5


def test_short_examples_lie_several_in_a_row(
    tmp_path: Path, sources: list[Source], pieces: Tokenizer
) -> None:
    path = shards.shard_path(tmp_path, "fill", 512, 0)
    rows = shards.write_epoch(path, sources, pieces, length=512, seed=0, mix=shards.MIXES["fill"])
    ids = tokenizer.special_ids(pieces)
    middles = (rows == ids[tokenizer.MIDDLE]).sum(1)
    ends = (rows == ids[tokenizer.END]).sum(1)
    assert middles.max() >= 3
    assert (ends >= middles).all()


def test_an_example_longer_than_a_row_is_dropped() -> None:
    packer = shards.Packer(10, MIX)
    packer.add_example([1] * 11)
    packer.add_plain([2], [3] * 40)
    assert not any(1 in row for row in packer.rows(keep=0))


def test_documents_continue_over_rows_without_loss() -> None:
    packer = shards.Packer(8, shards.Mix(wide=0.0))
    packer.add_plain([9], list(range(10, 40)))
    packer.add_plain([9], list(range(50, 80)))
    body = [token for row in packer.rows(keep=0) for token in row if token != 9]
    expected = [*range(10, 40), *range(50, 80)]
    assert body == expected[: len(body)]
    assert len(body) >= len(expected) - 8


def test_rows_run_on_over_epochs(tmp_path: Path, sources: list[Source], pieces: Tokenizer) -> None:
    first = _write(tmp_path, sources, pieces, 0)
    second = _write(tmp_path, sources, pieces, 1)
    source = shards.RowSource(tmp_path, "even", LENGTH)
    taken = source.take(len(first) - 2, 5)
    assert np.array_equal(taken, np.concatenate([first[-2:], second[:3]]))
    assert np.array_equal(source.take(len(first) + 1, 2), second[1:3])


@given(st.integers(0, 200), st.integers(0, 60), st.sampled_from([0, 1, 3]), st.sampled_from(["psm", "spm"]))
def test_a_middle_cut_at_a_token_continues_the_whole_text(
    pieces: Tokenizer, place: int, size: int, back: int, order: str
) -> None:
    text = "".join(f"def f{n}_é(a, b):\n    return a * {n} + b\n" for n in range(8))
    example = Example("m.py", text[:place], text[place + size :], text[place : place + size])
    ids = tokenizer.special_ids(pieces)
    prompt, middle = shards.encode(pieces, ids, example, order, back)
    start = prompt.index(ids[tokenizer.PREFIX]) + 1
    prefix = prompt[
        start : prompt.index(ids[tokenizer.SUFFIX if order == "psm" else tokenizer.MIDDLE], start)
    ]
    assert [*prefix, *middle] == pieces.encode(example.prefix + example.middle).ids
    assert example.prefix.startswith(pieces.decode(prefix).rstrip("\ufffd"))
    assert len(prefix) + back >= sum(e <= place for _, e in pieces.encode(text[: place + size]).offsets)


def test_missing_rows_say_which_verb_makes_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="shards --mix even --length 96 --epochs 1"):
        shards.RowSource(tmp_path, "even", LENGTH).take(0, 1)
