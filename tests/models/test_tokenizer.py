"""Text survives the tokenizer, special tokens stay out of it, and every token knows its bytes."""

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from ...models.errors import UnsupportedModelError
from ...models.tokenizer import Tokenizer
from .families import QWEN_TOKENS, byte_level, sentence_piece

BYTES = Tokenizer(json.loads(byte_level().to_str()))
PIECES = Tokenizer(json.loads(sentence_piece().to_str()))
BOTH = pytest.mark.parametrize("tokenizer", [BYTES, PIECES], ids=["bytes", "pieces"])
SPECIALS = [*BYTES.special, *PIECES.special, "<0x0A>", "▁"]
TEXT = st.lists(
    st.one_of(
        st.text(),
        st.sampled_from(SPECIALS),
        st.sampled_from(["def f(x):\n    ", "\t", "\r\n", "é", "e\u0301"]),
    )
).map("".join)


def _without_metaspace(text: str) -> str:
    """SentencePiece spells a space ▁, so a ▁ of the text itself comes back as a space."""
    return text.replace("▁", " ")


@settings(max_examples=200, deadline=None)
@given(text=TEXT)
def test_any_text_comes_back(text: str) -> None:
    """The joined bytes of the tokens are the bytes of the text, special tokens in it included."""
    for tokenizer, wanted in ((BYTES, text), (PIECES, _without_metaspace(text))):
        ids = tokenizer.encode(text)
        assert b"".join(map(tokenizer.bytes_of, ids)) == wanted.encode()
        assert tokenizer.decode(ids) == wanted
        assert not set(ids) & set(tokenizer.special.values())


@BOTH
def test_special_tokens_in_text_stay_text(tokenizer: Tokenizer) -> None:
    """Also where the file forgets to flag them as special, as Qwen's does."""
    for name, token in tokenizer.special.items():
        assert token not in tokenizer.encode(f"a{name}b{name}")
        assert tokenizer.bytes_of(token) == b""


def test_the_library_itself_would_parse_them() -> None:
    """Guards the meaning of the test above."""
    library = byte_level()
    library.encode_special_tokens = True
    assert BYTES.special["<|fim_prefix|>"] in library.encode("a<|fim_prefix|>").ids


@BOTH
def test_surrogates_and_unknown_ids_do_no_harm(tokenizer: Tokenizer) -> None:
    """A lone surrogate cannot be written; ids of a padded vocabulary have no bytes."""
    assert tokenizer.decode(tokenizer.encode("a\ud800b")) == "a?b"
    assert tokenizer.bytes_of(tokenizer.vocab_size + 5) == b""
    assert tokenizer.bytes_of(-1) == b""


@BOTH
def test_all_bytes_can_be_written(tokenizer: Tokenizer) -> None:
    """Each byte is some token; half a character decodes to a replacement character."""
    spelled = {tokenizer.bytes_of(token) for token in range(tokenizer.vocab_size)}
    assert {bytes([byte]) for byte in range(256)} <= spelled
    half = next(t for t in range(tokenizer.vocab_size) if tokenizer.bytes_of(t) == b"\xc3")
    assert tokenizer.decode([half]) == "\ufffd"


@BOTH
@settings(max_examples=100, deadline=None)
@given(data=st.one_of(st.binary(max_size=4), st.sampled_from([b"de", b"def", b"  ", b"self", b" "])))
def test_extensions_and_prefixes_are_those_of_a_full_search(tokenizer: Tokenizer, data: bytes) -> None:
    """The sorted table answers what looking at every token answers."""
    table = {token: tokenizer.bytes_of(token) for token in range(tokenizer.vocab_size)}
    longer = {token for token, spelled in table.items() if spelled and spelled.startswith(data)}
    shorter = {t for t, spelled in table.items() if spelled and data.startswith(spelled) and spelled != data}
    assert set(tokenizer.extensions(data)) == longer
    assert set(tokenizer.prefixes(data)) == shorter


def test_no_space_is_put_before_text() -> None:
    """Llama's leading ▁ would move every completion by one column."""
    assert [PIECES.bytes_of(token) for token in PIECES.encode("def")] == [b"def"]
    assert [PIECES.bytes_of(token) for token in PIECES.encode(" def")] == [b" def"]
    metaspace = json.loads(sentence_piece().to_str())
    metaspace["normalizer"] = None
    metaspace["pre_tokenizer"] = {
        "type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False
    }  # fmt: skip
    assert Tokenizer(metaspace).decode(Tokenizer(metaspace).encode("def x")) == "def x"


def test_runs_of_white_space_that_were_added_stay_tokens() -> None:
    """StarCoder-like and Gemma-like vocabularies add them as ordinary tokens."""
    library = byte_level()
    library.add_tokens([tokenizers.AddedToken("        ", normalized=False)])
    tokenizer = Tokenizer(json.loads(library.to_str()))
    added = tokenizer.vocab_size - 1
    assert "        " not in tokenizer.special
    assert tokenizer.bytes_of(added) == b" " * 8
    assert added in tokenizer.encode("x\n        y")


def _directory(path: Path, definition: dict[str, Any], **files: dict[str, Any]) -> Path:
    (path / "tokenizer.json").write_text(json.dumps(definition))
    for name, content in files.items():
        (path / f"{name}.json").write_text(json.dumps(content))
    return path


def test_ends_come_from_every_file(tmp_path: Path) -> None:
    """Numbers, lists, names and maps are all in use."""
    path = _directory(
        tmp_path,
        json.loads(byte_level().to_str()),
        config={"eos_token_id": 7, "model_type": "x"},
        generation_config={"eos_token_id": [8, 9]},
        tokenizer_config={"eos_token": {"content": "<|fim_pad|>"}, "bos_token": None},
    )
    tokenizer = Tokenizer.from_directory(path)
    names = {tokenizer.special["<|endoftext|>"], tokenizer.special["<|fim_pad|>"]}
    assert tokenizer.end_ids == {7, 8, 9} | names
    assert tokenizer.bos_id is None


def test_bos_is_what_prompts_really_begin_with(tmp_path: Path) -> None:
    """By the template of the tokenizer, or by ``add_bos_token``; a mere name is not enough."""
    assert PIECES.bos_id == 1
    assert BYTES.bos_id is None
    definition = json.loads(byte_level().to_str())
    facts = {"bos_token": "<|endoftext|>", "add_bos_token": True}
    given_bos = Tokenizer.from_directory(_directory(tmp_path, definition, tokenizer_config=facts))
    assert given_bos.bos_id == given_bos.special["<|endoftext|>"]
    facts["add_bos_token"] = False
    assert Tokenizer.from_directory(_directory(tmp_path, definition, tokenizer_config=facts)).bos_id is None


def test_fingerprint_sees_meaning_not_spelling() -> None:
    """Merges as text or as pairs are the same; another id or another merge is not."""
    definition = json.loads(byte_level().to_str())
    merges = definition["model"]["merges"]
    definition["model"]["merges"] = [m if isinstance(m, str) else " ".join(m) for m in merges]
    assert Tokenizer(definition).fingerprint() == BYTES.fingerprint()
    definition["model"]["merges"].reverse()
    assert Tokenizer(definition).fingerprint() != BYTES.fingerprint()
    other = Tokenizer(json.loads(byte_level(QWEN_TOKENS[::-1]).to_str()))
    assert other.fingerprint() != BYTES.fingerprint()


def test_vocabularies_of_another_kind_are_refused() -> None:
    """Only tokens that stand for bytes can be joined to text."""
    definition = json.loads(byte_level().to_str())
    definition["decoder"] = {"type": "WordPiece", "prefix": "##", "cleanup": True}
    with pytest.raises(UnsupportedModelError, match="bytes"):
        Tokenizer(definition)
