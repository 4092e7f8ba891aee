"""The tokenizer that the recipe trains, and the bundled one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, pre_tokenizers

from ....models.training import tokenizer as recipe

SAMPLE = 'def load(path, mode="r"):\n    with open(path, mode) as file:\n        return file.read()\n\n\n'
BUNDLED = Path(recipe.__file__).parents[1] / "bundled" / "mini"


@pytest.fixture(scope="module")
def small() -> Tokenizer:
    """A vocabulary of 400 learnt from one function."""
    made = recipe.train([SAMPLE * 20], 400)
    made.encode_special_tokens = True
    return made


def test_special_tokens_come_first_and_every_byte_is_there(small: Tokenizer) -> None:
    assert list(recipe.special_ids(small).values()) == list(range(len(recipe.SPECIAL)))
    assert all(small.token_to_id(char) is not None for char in pre_tokenizers.ByteLevel.alphabet())


def test_a_tokenizer_without_fim_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match="fim_prefix"):
        recipe.special_ids(Tokenizer.from_str('{"model": {"type": "BPE", "vocab": {}, "merges": []}}'))


def test_a_line_end_takes_the_indentation_along(small: Tokenizer) -> None:
    pieces = [small.decode([i]) for i in small.encode("(path):\n    with open").ids]
    assert "\n    " in pieces


def test_special_tokens_in_text_stay_text(small: Tokenizer) -> None:
    ids = small.encode("x = '<|endoftext|>'").ids
    assert recipe.special_ids(small)[recipe.END] not in ids
    assert small.decode(ids) == "x = '<|endoftext|>'"


@given(text=st.text(max_size=200))
def test_any_text_round_trips(small: Tokenizer, text: str) -> None:
    assert small.decode(small.encode(text).ids) == text


@given(text=st.text(max_size=200))
def test_any_text_round_trips_in_the_bundled_tokenizer(bundled: Tokenizer, text: str) -> None:
    assert bundled.decode(bundled.encode(text).ids) == text


@pytest.fixture(scope="module")
def bundled() -> Tokenizer:
    """The tokenizer of the bundled target."""
    return recipe.load(BUNDLED / "target" / "tokenizer.json")


def test_bundled_target_and_draft_share_their_tokenizer() -> None:
    target, draft = (BUNDLED / name / "tokenizer.json" for name in ("target", "draft"))
    assert target.read_bytes() == draft.read_bytes()
