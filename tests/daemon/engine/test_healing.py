"""Healing: whatever the model prefers, it first reproduces the text before the cursor, and is then free."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.healing import Healing, split_for_healing
from .tiny import SOURCE, tokenizer

TOKENIZER = tokenizer()
ALL = range(TOKENIZER.vocab_size)
PREFIXES = st.one_of(
    st.integers(0, len(SOURCE)).map(lambda end: SOURCE[max(0, end - 60) : end]),
    st.text(max_size=12),
    st.text("pri ntslf._\n\t(", max_size=12),
)


def generate(heal: bytes, seed: int, extra: int) -> tuple[bytes, bytes]:
    """A model that likes tokens at random: all bytes it wrote, and those that would be shown."""
    healing, draw = Healing(TOKENIZER, heal), random.Random(seed)
    written, shown = b"", b""
    while not healing.done or extra:
        extra -= healing.done
        token = draw.choice(list(ALL) if healing.done else healing.allowed())
        healing.advance(token)
        written += TOKENIZER.bytes_of(token)
        shown += healing.trim(TOKENIZER.bytes_of(token))
    return written, shown


@given(PREFIXES, st.integers(0, 99), st.integers(0, 4))
def test_any_model_reproduces_the_healed_bytes_and_shows_none_of_them(
    prefix: str, seed: int, extra: int
) -> None:
    _, heal = split_for_healing(TOKENIZER.encode(prefix), TOKENIZER)
    written, shown = generate(heal, seed, extra)
    assert written == heal + shown


@given(PREFIXES)
def test_split_loses_nothing(prefix: str) -> None:
    tokens = TOKENIZER.encode(prefix)
    kept, heal = split_for_healing(tokens, TOKENIZER)
    assert b"".join(map(TOKENIZER.bytes_of, kept)) + heal == prefix.encode("utf-8", "replace")
    assert kept == tokens[: len(kept)]
    assert len(tokens) - len(kept) <= 3


@given(PREFIXES, st.integers(0, 99))
def test_allowed_is_every_token_that_fits(prefix: str, seed: int) -> None:
    _, heal = split_for_healing(TOKENIZER.encode(prefix), TOKENIZER)
    healing, draw, rest = Healing(TOKENIZER, heal), random.Random(seed), heal
    while not healing.done:
        allowed = healing.allowed()
        pieces = {token: TOKENIZER.bytes_of(token) for token in ALL}
        fitting = {
            t for t, data in pieces.items() if data and (data.startswith(rest) or rest.startswith(data))
        }
        assert set(allowed) == fitting
        assert len(set(allowed)) == len(allowed)
        assert {token for token in ALL if healing.permits(token)} == fitting
        token = draw.choice(allowed)
        healing.advance(token)
        rest = rest[len(pieces[token]) :]
    assert not rest


def test_word_under_way_is_healed() -> None:
    _, heal = split_for_healing(TOKENIZER.encode("    sel"), TOKENIZER)
    assert heal.endswith(b"sel")
    longer = {TOKENIZER.bytes_of(token) for token in Healing(TOKENIZER, heal).allowed()}
    assert any(data.endswith(b"self") for data in longer)


def test_space_at_the_end_is_healed_into_the_next_word() -> None:
    kept, heal = split_for_healing(TOKENIZER.encode("return "), TOKENIZER)
    assert heal.endswith(b" ")
    assert b"".join(map(TOKENIZER.bytes_of, kept)) + heal == b"return "


@pytest.mark.parametrize("prefix", ["", "x = 1\n", "\n\n"])
def test_nothing_is_healed_where_a_line_begins(prefix: str) -> None:
    tokens = TOKENIZER.encode(prefix)
    assert split_for_healing(tokens, TOKENIZER) == (tokens, b"")


def test_nothing_is_healed_without_a_longer_token() -> None:
    tokens = TOKENIZER.encode("a§")
    assert not any(
        len(TOKENIZER.bytes_of(token)) > len("§".encode()) for token in TOKENIZER.extensions("§".encode())
    )
    assert split_for_healing(tokens, TOKENIZER) == (tokens, b"")


def test_character_split_between_tokens_comes_out_whole() -> None:
    heal = "é".encode()
    healing = Healing(TOKENIZER, heal)
    first = next(token for token in healing.allowed() if TOKENIZER.bytes_of(token) == heal[:1])
    healing.advance(first)
    assert not healing.done
    assert all(TOKENIZER.bytes_of(token).startswith(heal[1:]) for token in healing.allowed())


def test_wrong_token_is_refused() -> None:
    healing = Healing(TOKENIZER, b"pri")
    with pytest.raises(ValueError, match="does not continue"):
        healing.advance(TOKENIZER.encode("x")[0])
    assert not healing.permits(TOKENIZER.special["<|endoftext|>"])


def test_without_text_to_heal_everything_is_permitted() -> None:
    healing = Healing(TOKENIZER, b"")
    assert healing.done
    assert all(healing.permits(token) for token in ALL)
    assert healing.trim(b"abc") == b"abc"
